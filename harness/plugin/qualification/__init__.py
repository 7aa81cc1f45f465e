"""Puts the challenges of :mod:`harness.qualification` to the harness here, and looks at how it is installed."""
