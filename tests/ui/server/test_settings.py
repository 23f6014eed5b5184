"""Settings that are none are one sentence."""

import socket

import pytest

from seg.errors import UserError
from seg.ui.server import settings


@pytest.mark.parametrize("name", settings._NUMBERS)
def test_what_is_no_number_is_refused(monkeypatch, name):
    settings.check_numbers()
    for value in ("many", "0", "1.5", "-1", " 1", "1" * 10):
        monkeypatch.setenv(name, value)
        with pytest.raises(
            UserError, match=f"^{name} is '{value}' in the environment; give a whole number of 1 or more"
        ):
            settings.check_numbers()
    monkeypatch.setenv(name, "65535")
    settings.check_numbers()
    monkeypatch.setenv(name, "65536")
    if name.endswith(("PORT", "PORTS")):
        with pytest.raises(UserError, match="of 1 or more up to 65535, or leave it out.$"):
            settings.check_numbers()
    else:
        settings.check_numbers()


@pytest.mark.parametrize("address", ["::1", "::"])
@pytest.mark.parametrize("holder", ["::1", "127.0.0.1"])
def test_a_port_that_is_taken_is_left_out_at_addresses_of_ipv6(address, holder):
    """Also where it is taken at the address of IPv4 at which Gradio looks."""
    with socket.socket(socket.AF_INET6 if ":" in holder else socket.AF_INET) as taken:
        taken.bind((holder, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert settings.free_port(address, port) > port
