"""Photos in, trained weights out; `command` is what ``train.py`` runs."""
