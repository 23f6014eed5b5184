"""The contest between the trained networks, measured, told and drawn: ``python -m seg.report``."""
