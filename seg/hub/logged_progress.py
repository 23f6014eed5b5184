"""The progress bars of the Hub's client, which in a log are a line each tenth."""

import contextlib
import importlib
import sys

from huggingface_hub.utils import tqdm

# Smaller files are not worth a line in the log.
_TOLD_BYTES = 2**20


class LoggedProgress(tqdm):
    """A bar on a terminal; in a log a line each tenth.

    Attributes:
        what: what the lines say is being done; None for no lines.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"disable": None} | kwargs)  # None: drawn on a terminal only
        self.what = None
        self._told = 0

    def update(self, n=1):
        if not self.disable:
            return super().update(n)
        self.n += n or 0
        total = self.total or 0
        if self.what and self.n - self._told >= max(total / 10, _TOLD_BYTES):
            self._told = self.n
            print(f"{self.what}: {self.n / 1e6:.1f} of {total / 1e6:.1f} MB", flush=True)
        return None


class _Upload(LoggedProgress):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        desc = kwargs.get("desc") or ""
        if "position" not in kwargs:  # one file, streamed
            self.what = f"Uploading {desc}"
        elif desc.startswith("Processing Files"):  # all files together, over Xet, which has bars for each of them too
            self.what = "Uploading"


@contextlib.contextmanager
def logged_uploads():
    """While the block runs, the client's bars of uploads, which it would draw into a log too, are lines there."""
    if sys.stderr.isatty():
        yield
        return
    modules = [importlib.import_module(f"huggingface_hub.utils.{name}") for name in ("tqdm", "_xet_progress_reporting")]
    former = [module.tqdm for module in modules]
    try:
        for module in modules:
            module.tqdm = _Upload
        yield
    finally:
        for module, bar in zip(modules, former):
            module.tqdm = bar
