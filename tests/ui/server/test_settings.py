"""Settings that are none are one sentence."""

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
