"""What a person reads at the end of a run."""

import io

import pytest
from rich.console import Console

from forecart import summary
from tests.forecart import world


def told(run, width: int = 100) -> str:
    text = io.StringIO()
    summary.print_summary(run, Console(file=text, width=width, highlight=False))
    return text.getvalue()


def test_the_summary_tells_gates_models_examples_and_places(run):
    path = world.publish_next(run, 1)["path"]
    said = " ".join(told(run).split())
    assert "gate predictions passed: 3 checks, 1 warning" in said
    assert "expected that order_id matches [a-f]+, check 2; found found [x]" in said
    assert "Of ten recommended products a customer buys 4.20 in 30 days; of a simple rule's ten 4.00." in said
    assert "The forecasts of products miss by 50.0% of the units sold in 30 days; a simple rule's by 55.0%." in said
    assert "churn: A simple rule answers. Of one who" in said
    assert "value: Too little data for a model: 99 customers who spent anything, at least 200 are needed." in said
    assert "Milk [fat 1]" in said
    assert "sell most in the next 30 days" in said
    assert "buy nothing in the next 30 days" in said
    assert "spend most in the next 30 days" in said
    assert path in said


def test_of_a_shop_without_customers_the_summary_says_why_nothing_is_told_of_them(run):
    for table in ("product_recommendations", "churn_risk", "customer_value"):
        world.change(run, f"delete from predictions.{table}")
    world.publish_next(run, 1)
    said = " ".join(told(run).split())
    assert said.count("orders name no customer") == 3
    assert "sell most in the next 30 days" in said


def test_no_chance_is_told_as_none_or_certain(run):
    world.change(run, "update predictions.product_recommendations set probability = 0.0024")
    world.change(run, "update predictions.churn_risk set churn_probability = 0.9993")
    world.publish_next(run, 1)
    said = told(run)
    assert "<1%" in said
    assert ">99%" in said
    assert not {"0%", "100%"} & set(said.split())


def test_one_is_told_as_one(run):
    world.change(run, "update marts.customers set count_orders = 1")
    world.change(
        run, "update quality.gate_results set is_success = false, severity = 'warning' where gate = 'marts' and expectation[-1] = '1'"
    )
    world.publish_next(run, 1)
    said = " ".join(told(run).split())
    assert "(1 order so far)" in said
    assert "and 1 more warning: see Data Docs" in said


@pytest.mark.parametrize("width", [20, 40, 80])
def test_the_summary_fits_narrow_terminals(width, run):
    path = world.publish_next(run, 1)["path"]
    assert path in told(run, width), "a path is never broken: it must be possible to copy it"


def test_the_summary_tells_what_there_is(run):
    for table in ("predictions.demand_forecast", "predictions.customer_value", "predictions.churn_risk", "quality.model_metrics"):
        world.change(run, f"drop table {table}" if table.startswith("predictions") else f"delete from {table}")
    world.publish_next(run, 1)
    said = " ".join(told(run).split())
    assert "will buy next" in said
    assert "Not measured against a simple rule." in said
    assert "sell most" not in said
