"""PACS that run: ours, in containers, installed; started once, always stopped."""
