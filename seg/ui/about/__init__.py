"""The tab that says how the networks work."""
