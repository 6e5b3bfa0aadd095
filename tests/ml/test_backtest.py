import io
import json
from datetime import timedelta
from importlib import import_module

import pytest
from rich.console import Console

from forecart.errors import ForecartError
from ml import QUESTIONS, backtest, backtest_table, minima, splits, targets
from tests.ml import world


def test_a_backtest_trains_on_earlier_windows_only_and_leaves_the_live_warehouse_alone(run, monkeypatch):
    monkeypatch.setattr(backtest, "COUNT_CUT_OFFS", 1)
    before = run.warehouse.read_bytes()
    result = backtest.backtest(run, Console(quiet=True))
    assert run.warehouse.read_bytes() == before
    cut_off = (run.as_of_date - 2 * splits.HORIZON).isoformat()
    shown = Console(width=200, record=True, file=io.StringIO())
    for question in QUESTIONS:
        found = result["questions"][question]
        assert list(found["cut_offs"]) == [cut_off]
        assert found["mean"] == found["cut_offs"][cut_off]
        assert "model" in found["mean"]
        assert all(told["baseline"] in found["mean"] for told in found["differences"].values())
        backtest_table.show(shown, question, found)
    assert "ndcg_at_10" in shown.export_text()
    json.dumps(result, allow_nan=False)


def test_beside_many_intervals_it_is_told_how_many_chance_may_have_made():
    clear, unsure = ({"baseline": "rfm", "difference": 0.1, "lower": lower, "upper": 0.3} for lower in (0.05, -0.05))
    of_few = {"baseline": "rfm", "difference": 0.1, "lower": None, "upper": None}
    mean = {method: {"auc": 0.7, "brier": 0.1, "ece": 0.1} for method in ("model", "rfm")}
    found = {"mean": mean, "differences": {"auc": clear, "brier": unsure, "ece": of_few}}
    shown = Console(width=200, record=True, file=io.StringIO())
    backtest_table.show(shown, "churn", {"cut_offs": ["2017-08-29"], "targets": {}, "segments": {"new": found, "regular": found}} | found)
    told = " ".join(shown.export_text().split())
    assert told.endswith("Of such intervals (here 4) one in twenty misses what is true by chance alone.")


def test_where_there_is_too_little_for_a_model_what_would_serve_is_judged_beside_the_baselines(run, monkeypatch):
    monkeypatch.setattr(backtest, "COUNT_CUT_OFFS", 1)
    for question in QUESTIONS:
        monkeypatch.setattr(import_module(f"ml.{question}"), "fit", lambda *_: minima.ask(1, 2, "customers"))
    result = backtest.backtest(run, Console(quiet=True))
    for question in QUESTIONS:
        found = result["questions"][question]
        assert found["refused"] == "too little data for a model: 1 customers, at least 2 are needed"
        assert {"model"} < set(found["mean"]), question
    assert result["questions"]["purchase"]["differences"]["ndcg_at_10"]["difference"] <= 0


def test_pairs_are_built_for_purchases_alone(run, monkeypatch):
    monkeypatch.setattr(backtest, "COUNT_CUT_OFFS", 1)
    result = backtest.backtest(run, Console(quiet=True), ("value",))
    assert "model" in result["questions"]["value"]["mean"]
    assert world.ask(backtest.Backtest(run.shop, run.as_of_date), "select count(*) from training.features_customer_product") == [(0,)]


def test_the_last_three_windows_stay_shut_until_they_are_opened(run):
    backtest.copy_marts(run, backtest.Backtest(run.shop, run.as_of_date))
    shut, opened = (backtest.cut_offs(backtest.Backtest(run.shop, run.as_of_date), is_final) for is_final in (False, True))
    assert [cut_off for cut_off, _ in opened] == [run.as_of_date - steps * splits.HORIZON for steps in (3, 2, 1)]
    assert [cut_off for cut_off, _ in shut] == [run.as_of_date - steps * splits.HORIZON for steps in (6, 5, 4)]
    for cut_off, earlier in [*shut, *opened]:
        assert earlier
        assert all(day + splits.HORIZON <= cut_off for day in earlier)


def test_each_opening_leaves_a_line(run, tmp_path, monkeypatch):
    monkeypatch.setattr(backtest, "LOG", tmp_path / "experiments.md")
    backtest.LOG.write_text("# Experiments\n\nWhat was tried.\n")
    backtest.log_opening(run, ("churn",))
    backtest.LOG.write_text(backtest.LOG.read_text() + "\n## Something else\n\nOther text.\n")
    backtest.log_opening(run, ("churn", "demand"), planned_days=30)
    text = backtest.LOG.read_text()
    opened = text[text.index(backtest.LOG_HEADING) : text.index("## Something else")]
    told = [line.split(" | ")[-1] for line in opened.splitlines() if run.shop.name in line]
    assert told == ["churn |", "churn, demand, promotions known 30 days ahead |"]
    assert text.endswith("Other text.\n")


def test_what_a_family_of_features_is_worth_is_asked_of_a_question_that_tells_it(run):
    with pytest.raises(ForecartError, match="churn: .* not told of this question"):
        backtest.backtest(run, Console(quiet=True), ("churn",), with_ablation=True)


def test_what_was_asked_for_names_the_file_so_that_one_backtest_leaves_the_other_ones_alone(run, monkeypatch):
    monkeypatch.setattr(backtest.landing, "plan_run", lambda _: run)
    monkeypatch.setattr(backtest, "backtest", lambda *_: {"questions": {}})
    asked = [[], ["--question", "purchase", "--ablation"], ["--ablation"], ["--planned-days", "0", "--final"]]
    for arguments in asked:
        monkeypatch.setattr("sys.argv", ["backtest", *arguments])
        backtest.main()
    folder = backtest.Backtest(run.shop, run.as_of_date).folder
    assert {file.name for file in folder.glob("backtest*.json")} == {
        "backtest.json",
        "backtest-purchase-ablation.json",
        "backtest-ablation.json",
        "backtest-plan-0-final.json",
    }


def test_a_shop_too_young_for_a_backtest_is_told_so(empty_run):
    world.write_marts(empty_run, first_day=empty_run.as_of_date - timedelta(days=50))
    with pytest.raises(ForecartError, match="one before it to learn from"):
        backtest.backtest(empty_run, Console(quiet=True))


def test_a_backtest_without_a_warehouse_says_what_to_do(empty_run):
    with pytest.raises(ForecartError, match="make run"):
        backtest.backtest(empty_run, Console(quiet=True))


@pytest.mark.parametrize(
    "target, figure, other, is_reached",
    [
        ({"over": "b", "by": 0.05}, 0.43, 0.40, True),
        ({"over": "b", "by": 0.05}, 0.41, 0.40, False),
        ({"over": "b", "by": -0.1}, 0.35, 0.40, True),
        ({"over": "b", "by": -0.1}, 0.39, 0.40, False),
        ({"above": "b", "by": 0.012}, 0.413, 0.40, True),
        ({"above": "b", "by": 0.012}, 0.411, 0.40, False),
        ({"least": 0.36}, 0.36, 0, True),
        ({"most": 0.01}, 0.02, 0, False),
        ({"within": [0.95, 1.05]}, 1.06, 0, False),
        ({"least": 0.36}, float("nan"), 0, False),
    ],
)
def test_a_target_is_reached_or_not(target, figure, other, is_reached):
    assert targets.reached("m", target, {"model": {"m": figure}, "b": {"m": other}})["is_reached"] is is_reached
