"""Laws of how a category departs from the season of the whole shop."""

from datetime import timedelta

import numpy as np
import pytest

from forecart import warehouse
from ml import demand
from ml.demand import departures

AHEAD, BEHIND = np.array([10_000.0, 90_000.0, 1.0]), np.array([40_000.0, 60_000.0, 4.0])


def test_a_category_goes_half_of_its_own_way_and_what_sold_little_goes_with_the_shop():
    much, more, little = departures.of_units(AHEAD, BEHIND)
    assert [much, more] == pytest.approx([0.25**0.5, 1.5**0.5], rel=0.01)
    assert 0.85 < little < 1


def test_growth_that_all_categories_share_moves_none_of_them():
    np.testing.assert_allclose(departures.of_units(3 * AHEAD, BEHIND), departures.of_units(AHEAD, BEHIND))
    assert (departures.of_units(BEHIND, BEHIND) == 1).all()


def test_what_sold_before_a_year_ago_and_not_after_is_expected_less_often_now(run):
    """Of a category whose history holds the days before a year ago; where there was no such year, and where it began in it, nothing moves."""
    gift, steady, new = keys = np.array(["food / c0", "food / c1", "food / c2"])
    sold = {gift: (-100, 0), steady: (-100, 60), new: (-20, 60)}
    then = run.as_of_date - timedelta(days=departures.YEAR_DAYS)
    with warehouse.connect(run) as connection:
        before = _expected(connection, run)
        assert (departures.read(connection, "features", run.as_of_date, keys, 30) == 1).all()
        for key, (first, last) in sold.items():
            connection.execute(
                """
                insert into features.sales_series (level, key, category, sale_date, units, sales_cents, demand_milliunits)
                select 'category', $key, $key, $then::date + day::integer, 10, 1000, 10000 from range($first, $last) as days (day)
                """,
                {"key": key, "then": then, "first": first, "last": last},
            )
        found = departures.read(connection, "features", run.as_of_date, keys, 30)
        after = _expected(connection, run)
    assert found == pytest.approx(departures.of_units(np.array([70.0, 440.0, 0.0]), np.array([370.0, 440.0, 0.0])))
    assert found[0] < 1 < found[1]
    assert found[2] == 1
    assert after[gift] < before[gift]


def _expected(connection, run) -> dict[str, float]:
    means = demand.Model("baseline").forecast(connection, "features", run.as_of_date).means
    return dict(zip(means.category_keys, means.categories.sum(axis=1), strict=True))
