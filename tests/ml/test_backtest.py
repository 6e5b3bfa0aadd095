import io
import json
from datetime import timedelta

import pytest
from rich.console import Console

from forecart.errors import ForecartError
from ml import QUESTIONS, backtest, splits
from tests.ml import world


def test_a_backtest_trains_on_earlier_windows_only_and_leaves_the_live_warehouse_alone(run, monkeypatch):
    monkeypatch.setattr(backtest, "COUNT_CUT_OFFS", 1)
    before = run.warehouse.read_bytes()
    result = backtest.backtest(run, Console(quiet=True))
    assert run.warehouse.read_bytes() == before
    cut_off = (run.as_of_date - splits.HORIZON).isoformat()
    for question in QUESTIONS:
        measured = result["questions"][question]
        assert list(measured["cut_offs"]) == [cut_off]
        assert measured["mean"] == measured["cut_offs"][cut_off]
    shown = Console(width=140, record=True, file=io.StringIO())
    shown.print(backtest.table("purchase", result["questions"]["purchase"]))
    assert "ndcg_at_10" in shown.export_text()
    json.dumps(result, allow_nan=False)


def test_cut_offs_are_the_last_complete_windows_and_never_learn_from_themselves(run):
    backtest.copy_marts(run, backtest.Backtest(run.shop, run.as_of_date))
    found = backtest.cut_offs(backtest.Backtest(run.shop, run.as_of_date))
    assert [cut_off for cut_off, _ in found] == [run.as_of_date - steps * splits.HORIZON for steps in (3, 2, 1)]
    for cut_off, earlier in found:
        assert earlier
        assert all(day + splits.HORIZON <= cut_off for day in earlier)


def test_a_shop_too_young_for_a_backtest_is_told_so(empty_run):
    world.write_marts(empty_run, first_day=empty_run.as_of_date - timedelta(days=50))
    with pytest.raises(ForecartError, match="one before it to learn from"):
        backtest.backtest(empty_run, Console(quiet=True))


def test_a_backtest_without_a_warehouse_says_what_to_do(empty_run):
    with pytest.raises(ForecartError, match="make run"):
        backtest.backtest(empty_run, Console(quiet=True))
