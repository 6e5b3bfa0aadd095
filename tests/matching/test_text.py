"""What a name says is read alike however it is written."""

import pytest

from matching import text
from matching.catalogue import trade_item_number


@pytest.mark.parametrize("written", ["Acme PS-LX350H", "acme pslx350h", "Acme (PS LX350H)".replace("PS LX", "PS-LX"), "ACME PS/LX350H"])
def test_a_model_number_is_one_with_hyphens_and_without(written):
    assert text.codes(text.plain(written)) == {"pslx350h"}


@pytest.mark.parametrize("written", ["TV 1080p 120Hz", "16GB card", "5-port switch", "2x4 board", "3rd edition", "Sports chair", "No. 42"])
def test_a_measure_is_no_model_number(written):
    assert text.codes(text.plain(written)) == set()


def test_a_model_number_with_a_space_within_is_found():
    assert "rs130" in text.codes("headphone rs 130") and "sd790is" in text.codes("camera sd790 is silver")


def test_letters_at_the_end_of_a_model_number_are_no_part_of_its_base():
    assert text.base("rxv663bk") == text.base("rxv663bl") == "rxv663"
    assert text.base("ab1c") == "ab1c"


def test_amounts_are_compared_in_one_unit():
    assert dict(text.quantities("0.5 l")) == dict(text.quantities("500ml")) == {"l": 0.5}
    assert dict(text.quantities(text.plain("46'' TV"))) == dict(text.quantities("46-inch tv")) == {"inch": 46}


def test_accents_and_case_do_not_tell_names_apart():
    assert text.plain("GRÜNHAIN Weiß") == text.plain("Gru\u0308nhain weiss")
    assert text.plain(None) == text.plain(float("nan")) == ""


@pytest.mark.parametrize(
    ("written", "read"),
    [("4006381333931", "04006381333931"), ("4006 3813 33931", "04006381333931"), ("036000291452", "00036000291452")],
)
def test_a_trade_item_number_is_one_in_every_length(written, read):
    assert trade_item_number(written) == read


@pytest.mark.parametrize("written", ["4006381333932", "0000000000000", "123", "", None, 4006381333931.0])
def test_what_fails_its_check_digit_is_no_trade_item_number(written):
    assert trade_item_number(written) == ""
