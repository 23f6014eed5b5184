"""Settings of the app, from the environment."""

import contextlib
import os
import re
import socket

import httpx

from seg.errors import UserError

_LARGEST = 10**9 - 1
_NUMBERS = {  # and their largest values
    "MAX_WAITING": _LARGEST,
    "COMPARISONS_AT_ONCE": _LARGEST,
    "GRADIO_SERVER_PORT": 65_535,
    "GRADIO_NUM_PORTS": 65_535,
    "GRADIO_ANALYTICS_MAX_EVENTS": _LARGEST,
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": _LARGEST,
}


def whole_number(name: str, default: int) -> int:
    """A whole number of 1 or more from the environment; raises `UserError` for something else."""
    text, most = os.environ.get(name) or str(default), _NUMBERS[name]
    if not re.fullmatch("[1-9][0-9]{0,8}", text) or int(text) > most:
        raise UserError(
            f"{name} is {text[:40]!r} in the environment; give a whole number of 1 or more"
            f"{f' up to {most}' if most < _LARGEST else ''}, or leave it out."
        )
    return int(text)


def switch(name: str) -> bool:
    """Whether something is switched on in the environment: 1, or 0 as without it; `UserError` for something else."""
    text = os.environ.get(name) or "0"
    if text not in ("0", "1"):
        raise UserError(f"{name} is {text[:40]!r} in the environment; give 1 to switch it on, or leave it out.")
    return text == "1"


def check_numbers() -> None:
    """Makes sure of the settings that this app and Gradio read while they are imported; raises as `whole_number`."""
    for name in _NUMBERS:
        whole_number(name, 1)


def server_name() -> str:
    """The address to serve at, from ``GRADIO_SERVER_NAME``; IPv6 in brackets, as addresses of pages have it.

    Raises:
        UserError: it is unknown, or none of this machine.
    """
    given = os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
    name = given.removeprefix("[").removesuffix("]")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(name, 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.bind(place)
    except (OSError, UnicodeError) as error:
        raise UserError(
            f"GRADIO_SERVER_NAME is {given[:80]!r} in the environment, where this machine cannot serve"
            f" ({getattr(error, 'strerror', None) or 'no name of a host'}); give 127.0.0.1 for this machine alone,"
            " 0.0.0.0 for every network it is in, or leave it out."
        ) from error
    return f"[{name}]" if ":" in name else name


def free_port(address: str, first: int) -> int:
    """The first port from ``first`` on that can be had at an address of IPv6, of as many as Gradio tries.

    It must be free at 127.0.0.1 too, since Gradio looks there alone; its server cannot be started a second time.
    ``first`` where none is free: what it says then holds.
    """
    last = min(first + whole_number("GRADIO_NUM_PORTS", 100), 65_536)
    for port in range(first, last):
        with contextlib.suppress(OSError):
            for family, host in ((socket.AF_INET6, address), (socket.AF_INET, "127.0.0.1")):
                with socket.socket(family) as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((host, port))
            return port
    return first


def keep_gradio_off_proxies() -> None:
    """Has Gradio ask nobody through a proxy of the environment: it asks none but itself, whether it is there.

    The client of the Hub is another one (httpx2), which goes on as the environment says.

    Raises:
        RuntimeError: the client that Gradio uses has changed.
    """
    if not hasattr(httpx._client, "get_environment_proxies"):
        raise RuntimeError("httpx reads its proxies elsewhere now; seg/ui/server/settings.py was written for 0.28.")
    httpx._client.get_environment_proxies = dict
