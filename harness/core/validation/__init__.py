"""What the standard demands of a video object and of the stream inside it, as a table of rules that have no I/O.

:mod:`~harness.core.validation.table` joins the rows of the other modules and runs them; everything else that holds an
object or a stream against the standard is a view over that table.
"""
