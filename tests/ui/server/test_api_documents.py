"""What a language model may send as a photo."""

import pytest

from seg.ui.server.api_documents import as_address


def test_base64_becomes_a_data_url_and_addresses_stay():
    assert as_address("A" * 64) == "data:image/jpeg;base64," + "A" * 64
    assert as_address("A" * 66 + "==").endswith("A==")
    for address in ("data:image/png;base64,AAAA", "https://example.org/cat.jpg"):
        assert as_address(address) == address


@pytest.mark.parametrize(
    "text", ["A" * 65, "A" * 66, "A" * 67, "A" * 64 + "=", "/home/somebody/pictures/cat.jpg", "home/" * 13, ""]
)
def test_paths_and_base64_that_is_cut_off_are_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match="send its content as a data: URL"):
        as_address(text)
