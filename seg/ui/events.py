"""How the page's events are registered."""

QUIET = {"api_visibility": "private", "show_progress": "hidden"}
"""No endpoint for programs, and nothing that moves meanwhile."""
