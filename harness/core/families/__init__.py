"""One module a family of checks: what it sees, how that is judged, and the questions it asks of a PACS."""
