"""The published file answers: by number and in SQL, without a terminal."""

import subprocess
import sys

import duckdb
import pytest
import yaml
from rich.console import Console

from forecart.cli import query
from forecart.settings import ROOT
from tests.forecart import world

QUESTIONS = query.questions()


@pytest.fixture
def ask(run, monkeypatch, capsys):
    """`make query` with arguments: what it returns, prints, and complains of."""

    def ask(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["query", "--shop", world.SHOP, *arguments])
        monkeypatch.setenv("COLUMNS", "160")
        code = query.main()
        return code, *capsys.readouterr()

    return ask


def test_every_example_question_is_answered_with_rows(run):
    world.publish_next(run, 1)
    with query.open_published(world.SHOP) as connection:
        for question in QUESTIONS:
            assert question.title.endswith("?")
            assert connection.sql(question.sql).fetchall(), question.title


def answer(title: str) -> list[dict]:
    (question,) = [question for question in QUESTIONS if title in question.title]
    with query.open_published(world.SHOP) as connection:
        return connection.sql(question.sql).df().to_dict("records")


def test_a_cancelled_order_is_of_no_month(run):
    world.change(run, "update marts.orders set status = 'cancelled' where order_id in ('1000', '1001')")
    world.publish_next(run, 1)
    assert sum(month["count_orders"] for month in answer("month by month")) == 78


def test_a_product_has_no_weeks_before_its_launch(run):
    """Of the three weeks since then, the one in the middle was displayed."""
    world.change(
        run,
        """
        delete from marts.products where product_id <> '1'; update marts.products set launched_date = '2017-12-11', first_sold_date = '2017-12-12';
        delete from marts.daily_product_sales where sale_date < '2017-12-11';
        update marts.daily_product_sales set units = if(sale_date between '2017-12-18' and '2017-12-24', 5, 1);
        """,
    )
    world.publish_next(run, 1)
    with query.open_published(world.SHOP) as connection:
        units = "sum(units) filter (units = 5), sum(units) filter (units = 1)"
        displayed, otherwise = connection.execute(f"select {units} from marts.daily_product_sales where product_id = '1'").fetchone()
    (found,) = answer("when stores display them")
    assert (found["weeks_displayed"], found["units_a_displayed_week"], found["units_another_week"]) == (1, displayed, otherwise / 2)


def test_every_table_of_predictions_has_an_example_question():
    (predictions,) = (
        source
        for source in yaml.safe_load((ROOT / "dbt_project/models/_published.yml").read_text())["sources"]
        if source["schema"] == "predictions"
    )
    asked = " ".join(question.sql for question in QUESTIONS)
    assert [table["name"] for table in predictions["tables"] if f"predictions.{table['name']}\n" not in asked] == []


def test_a_question_is_asked_by_its_number(run, ask):
    world.publish_next(run, 1)
    code, said, _ = ask("--question", "1")
    assert code == 0
    assert QUESTIONS[0].title in said
    assert "Milk [fat 1]" in said


def test_sql_is_answered(run, ask):
    world.publish_next(run, 1)
    code, said, _ = ask("--sql", "select count(*) as n from marts.customers")
    assert (code, said.split()) == (0, ["n", "8"])


def test_without_a_terminal_tables_and_questions_are_listed(run):
    world.publish_next(run, 1)
    command = [sys.executable, "-m", "forecart.cli.query", "--shop", world.SHOP]
    said = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, timeout=30).stdout
    assert "marts.orders" in said
    assert "One row per order." in " ".join(said.split())
    assert f"1  {QUESTIONS[0].title}" in said


def test_a_query_that_is_stopped_or_cannot_be_understood_ends_no_talk(monkeypatch, capsys):
    class Connection:
        def sql(self, sql: str) -> duckdb.DuckDBPyRelation:
            if sql == "select forever":
                raise RuntimeError("Query interrupted")  # what DuckDB makes of Ctrl-C
            return duckdb.sql(sql)

    asked = iter(["select forever", "²", "select 42 as answer", ""])
    monkeypatch.setattr("builtins.input", lambda _: next(asked))
    query._talk(Console(), Connection())
    said = capsys.readouterr().out
    assert "interrupted" in said
    assert "42" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--question", "99"), "expected a question from 1 to"),
        (("--sql", "select nothing from nowhere"), "nowhere does not exist"),
        (("--sql", "drop table marts.orders"), "read-only"),
        (("--as-of", "2016-01-01", "--list"), f"`make run SHOP={world.SHOP} AS_OF=2016-01-01` makes it"),
        (("--as-of", "20160101"), "'20160101' is no date: YYYY-MM-DD was expected"),
    ],
)
def test_what_cannot_be_answered_is_told_in_a_line(arguments, message, run, ask):
    world.publish_next(run, 1)
    code, _, complaint = ask(*arguments)
    assert code == 1
    assert message in complaint
