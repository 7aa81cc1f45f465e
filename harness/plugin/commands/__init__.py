"""The commands of ``pacs-harness`` that look at this machine and at what can be tested from it."""
