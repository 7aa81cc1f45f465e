"""The files of an installation or operational check of the harness."""
