"""Fixtures for all tests of the harness."""

pytest_plugins = ["pytester"]
