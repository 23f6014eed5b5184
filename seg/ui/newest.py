"""Which photo each visitor chose last, so that the comparison of an earlier one stops.

Gradio's own ``cancels`` breaks off the request but not a handler that is at work.
"""

import threading
from collections import OrderedDict

import gradio as gr

_MAX_VISITORS = 1000

COUNT = "(window.photosChosen ??= {path: null, count: 0}, photo?.path !== window.photosChosen.path && (window.photosChosen = {path: photo?.path, count: window.photosChosen.count + 1}), window.photosChosen.count)"
"""JavaScript: how many photos this page has had, the one in the variable ``photo`` among them."""


class Replaced(Exception):
    """The visitor has chosen another photo since."""


class NewestPhotos:
    """Counts the photos that each visitor chose; forgets the visitors who chose longest ago."""

    def __init__(self):
        self._counts = OrderedDict()
        self._lock = threading.Lock()

    def announce(self, photo: None, count: float, request: gr.Request) -> None:
        """Notes that a visitor's page has had ``count`` photos; as a handler outside the queue it comes at once.

        Args:
            photo: takes the place of the input that `COUNT` needs in the browser.
        """
        if not isinstance(count, (int, float)):  # from no page of ours
            return
        with self._lock:
            self._counts[request.session_hash] = max(count, self._counts.pop(request.session_hash, 0))
            while len(self._counts) > _MAX_VISITORS:
                self._counts.popitem(last=False)

    def check(self, count: float | None, request: gr.Request) -> None:
        """Makes sure that the photo with this count is the newest.

        Raises:
            Replaced: it is not.
        """
        with self._lock:
            if isinstance(count, (int, float)) and self._counts.get(request.session_hash, 0) > count:
                raise Replaced
