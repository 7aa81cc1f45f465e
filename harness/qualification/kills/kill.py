"""What a row of the kill table is."""

#: Check id, fault, format id of the cell (None where it has none), and variant where the check has any.
Kill = tuple[str, str, str | None] | tuple[str, str, str | None, str]
