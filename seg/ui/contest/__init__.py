"""The tab that shows the saved report."""
