"""The questions of each family of checks, put to a real target; each once."""
