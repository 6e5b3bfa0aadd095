"""Time only runs forward: nothing that a model learns from reaches the days on which it is judged."""

import itertools
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ml import splits

DAYS = st.dates(date(2015, 1, 1), date(2030, 1, 1))


@given(as_of_date=DAYS, history=st.integers(0, 800))
def test_no_label_window_reaches_another_or_the_unknown(as_of_date, history):
    dates = splits.training_dates(as_of_date, as_of_date - timedelta(days=history))
    assert all(day + splits.HORIZON <= as_of_date for day in dates)
    assert all(later - earlier >= splits.HORIZON for later, earlier in itertools.pairwise(dates))


@given(as_of_date=DAYS, history=st.integers(0, 800))
def test_every_training_date_has_some_history(as_of_date, history):
    first_day = as_of_date - timedelta(days=history)
    assert all(day - first_day >= splits.LEAST_HISTORY for day in splits.training_dates(as_of_date, first_day))


@given(as_of_date=DAYS, history=st.integers(0, 800))
def test_the_hold_out_is_later_than_all_it_is_trained_on(as_of_date, history):
    found = splits.windows(splits.training_dates(as_of_date, as_of_date - timedelta(days=history)), most=2)
    assert len(found) <= 2
    for newest, earlier in found:
        assert earlier
        assert all(day + splits.HORIZON <= newest for day in earlier)


def test_a_year_gives_windows_back_from_the_newest_complete_one():
    dates = splits.training_dates(date(2018, 1, 1), date(2017, 1, 1))
    assert dates[:3] == [date(2017, 12, 2), date(2017, 11, 2), date(2017, 10, 3)]


def test_a_month_gives_none():
    assert splits.training_dates(date(2018, 1, 1), date(2017, 12, 1)) == []
    assert splits.windows([], most=2) == []
    assert splits.windows([date(2017, 12, 2)], most=2) == []


def test_two_cut_offs_are_learned_from_however_much_was_bought():
    much = splits.ENOUGH_BOUGHT
    assert not splits.is_enough([])
    assert not splits.is_enough([much])
    assert splits.is_enough([much, 1])
    assert not splits.is_enough([much // 4] * 3)
    assert splits.is_enough([much // 4] * 4)
