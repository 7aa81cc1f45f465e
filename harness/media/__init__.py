"""Clips and video objects: made, examined, written and read as streams."""
