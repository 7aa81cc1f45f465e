"""Data files read into core values; every error names file and key."""
