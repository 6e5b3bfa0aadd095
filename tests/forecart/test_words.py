"""Counts are told as people say them."""

from forecart.errors import ForecartError
from forecart.words import chance, counted, times


def test_counts_are_told_as_people_say_them():
    assert [counted(count, "customer") for count in (0, 1, 2, 1234)] == ["0 customers", "1 customer", "2 customers", "1,234 customers"]
    assert [times(count) for count in (1, 2, 3, 1234)] == ["once", "twice", "3 times", "1,234 times"]


def test_only_what_is_certain_would_be_told_so():
    told = ["<1%", "<1%", "1%", "50%", "99%", ">99%", ">99%"]
    assert [chance(probability) for probability in (0, 0.0096, 0.01, 0.5, 0.99, 0.9901, 1)] == told


def test_what_a_source_holds_cannot_steer_the_terminal_that_tells_of_it():
    assert str(ForecartError("expected a column,\nfound PK\x03\x04\x1b[2J in Größe")) == "expected a column,\nfound PK···[2J in Größe"
