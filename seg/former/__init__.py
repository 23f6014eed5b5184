"""Commands under their former names, ``python -m seg.trials`` and ``python -m seg.deploy``: they run as before."""
