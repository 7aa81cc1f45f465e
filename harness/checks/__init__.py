"""The checks: ordinary pytest functions with one marker, which return what they saw."""
