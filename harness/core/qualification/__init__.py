"""Whether the harness itself was shown to work: the records of its installation and operational checks, as values."""
