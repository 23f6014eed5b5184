"""How the serving process gives memory back."""

import ctypes
import sys

# Of glibc's malloc.h.
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8


def give_back_large_blocks() -> None:
    """Has the C library return blocks of 1 MiB and more to the system as soon as they are free.

    By default it keeps what large photos needed, up to 64 MiB for each thread.
    Does nothing where the C library is another one than glibc.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, 1 << 20)
        mallopt(_ARENA_MAX, 2)
