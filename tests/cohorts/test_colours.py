"""Text on a promotion's colour can always be read."""

import pytest

from cohorts.colours import contrast, readable_ink


@pytest.mark.parametrize("grey", range(0, 256, 5))
def test_ink_can_be_read_on_every_colour(grey):
    for colour in (
        f"#{grey:02X}{grey:02X}{grey:02X}",
        f"#{grey:02X}0000",
        f"#FF{grey:02X}00",
        f"#{grey:02X}FFFF",
    ):
        assert contrast(colour, readable_ink(colour)) >= 4.5


def test_ink_is_white_where_white_can_be_read():
    assert [readable_ink(colour) for colour in ("#0E5A63", "#F3E9D2", "#FF0000")] == [
        "#FFFFFF",
        "#1B1D2A",
        "#000000",
    ]
