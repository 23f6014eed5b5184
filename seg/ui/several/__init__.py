"""The tab for up to thirty photos at once."""
