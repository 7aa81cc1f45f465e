"""Values and decisions: everything that can be known and judged without I/O."""
