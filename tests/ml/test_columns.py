"""Every column that a shop's people may read of has words that read well, and no two the same."""

import pytest

from forecart import warehouse
from ml import QUESTIONS, churn, columns, legend, pairs
from ml.demand import monthly
from ml.frames import customers
from tests.ml import world

WRITTEN_BY_PYTHON = {"neighbours", "customer_tastes", "product_tastes", "product_texts"}  # what models make of these is in columns.MADE
LONGEST = 90


def check(named: dict[str, str]) -> None:
    """column -> words."""
    assert [column for column, words in named.items() if words == column] == []
    assert [words for words in named.values() if "_" in words or len(words) > LONGEST or words.startswith(("The same", "Of "))] == []
    assert len(set(named.values())) == len(named)


def test_every_column_of_the_features_has_words(run):
    found = world.ask(run, "select table_name, column_name from duckdb_columns() where schema_name = 'features'")
    tables = {table for table, _ in found} - WRITTEN_BY_PYTHON
    assert "features_customer_product" in tables
    for table in tables:
        check({column: columns.words(table, column) for of, column in found if of == table})


def weighed(run, question: str) -> list[str]:
    """The columns that a model of the question may tell importances of."""
    if question == "purchase":
        return pairs.columns()
    with warehouse.connect(run) as connection:
        if question == "demand":
            return list(monthly.read(connection, "features", [run.as_of_date], is_labelled=False).features())
        return [column for column in customers(connection, "features", run.as_of_date) if column not in churn.UNUSED]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_column_that_a_model_weighs_has_words(run, question):
    check({column: columns.of_model(question, column) for column in weighed(run, question)})


def test_words_of_columns_stand_in_reasons_as_they_are(run):
    for table in ("features_customer", "features_product"):
        for column in columns._described()[table]:
            words = columns.words(table, column)
            assert [question for question in QUESTIONS if legend.plain(question, words) != words] == []


def test_words_end_where_what_an_analyst_asks_for_begins():
    assert columns.words("features_customer", "order_trend") == "Orders of the last 30 days against a third of those of the last 90"
    assert columns.of_model("purchase", "offer_mean_rating") == "offer: Mean rating so far, 1 to 5"
    assert columns.of_model("churn", "dropped_last_year") == "dropped_last_year"
