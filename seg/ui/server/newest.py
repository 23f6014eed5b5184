"""Which photo each visitor chose last, so that the comparison of an earlier one stops.

Gradio's own ``cancels`` breaks off the request but not a handler that is at work.
"""

import threading
from collections import OrderedDict

import gradio as gr

_MAX_VISITORS = 1000

CHOICE = "`${performance.now()} ${photo?.path}`"
"""JavaScript: the moment by the page's own clock, milliseconds, and the photo in the variable ``photo`` then."""


class Replaced(Exception):
    """The visitor has chosen another photo since."""


class NewestPhotos:
    """Remembers each visitor's latest choice; forgets the visitors who chose longest ago."""

    def __init__(self):
        self._choices = OrderedDict()
        self._lock = threading.Lock()

    def announce(self, photo: None, choice: str | None, request: gr.Request) -> None:
        """Notes that a visitor has chosen a photo, or removed it; as a handler outside the queue it comes at once.

        Args:
            photo: takes the place of the input that `CHOICE` needs in the browser.
        """
        chosen = _parsed(choice)
        with self._lock:
            self._choices[request.session_hash] = max(chosen, self._choices.pop(request.session_hash, chosen))
            if len(self._choices) > _MAX_VISITORS:
                self._choices.popitem(last=False)

    def check(self, choice: str | None, request: gr.Request) -> None:
        """Raises `Replaced` if another photo, or none, was on the page later than the choice of a comparison."""
        begun, photo = _parsed(choice)
        with self._lock:
            moment, newest = self._choices.get(request.session_hash, (begun, photo))
        if moment > begun and newest != photo:
            raise Replaced


def _parsed(choice):
    """Moment and photo; what comes from no page of ours is older than all."""
    moment, _, photo = str(choice).partition(" ")
    try:
        return float(moment), photo
    except ValueError:
        return 0.0, photo
