"""The compatibility matrix to files: one module for each of HTML, Markdown and CSV, all from the same rows."""
