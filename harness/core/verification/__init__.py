"""From a run, and from what people add to it, to the verification report that both make."""
