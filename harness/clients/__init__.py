"""The wire: all that speaks to a PACS, where refusal, abort, silence and loss are told apart."""
