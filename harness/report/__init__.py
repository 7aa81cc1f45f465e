"""A run as files: the record, and every output that is made from it."""
