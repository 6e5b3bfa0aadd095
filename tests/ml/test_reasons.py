"""What reasons say of single facts, and that every column of a pair tells of one."""

import pytest

from ml import pairs, reasons


def test_every_column_of_a_pair_and_its_product_tells_of_a_fact():
    silent = [name for name in pairs.columns() if not name.startswith("customer_") and reasons.fact_of(name) is None]
    assert silent == ["offer_units_on_hand", "offer_count_days_out_of_stock_30d"]  # what is in stock is no reason to want it


@pytest.mark.parametrize(
    ("units_left", "said"),
    [(-0.5, "a unit of its category lasts 34 days, the last was bought 51 days ago"), (0.2, None), (float("nan"), None)],
)
def test_a_supply_is_a_reason_once_it_is_used_up(units_left, said):
    row = {"category_units_left": units_left, "category_days_a_unit": 34.2, "category_days_since_last": 51.0}
    assert reasons.FACTS["supply"].words(row) == said
