"""`make check-shop` finds what is missing before a night does."""

from dataclasses import replace

import pytest
import yaml

from forecart.cli import check_shop
from forecart.errors import ForecartError
from forecart.settings import ROOT
from forecart.shop import load_shop
from ingest import check as checking
from ingest.check import Given, Report, check
from ingest.connectors import rest
from ingest.systems import load_system


@pytest.fixture
def declared(tmp_path, monkeypatch):
    """complete_journey's declaration, to be changed; the data of the package stays where it is."""
    systems = tmp_path / "systems"
    systems.mkdir()
    monkeypatch.setenv("FORECART_SYSTEMS", str(systems))
    monkeypatch.setenv("FORECART_DATA", str(tmp_path / "data"))

    def write(change):
        words = yaml.safe_load((ROOT / "ingest" / "systems" / "complete_journey.yml").read_text())
        change(words)
        (systems / "complete_journey.yml").write_text(yaml.safe_dump(words))
        return load_shop("complete_journey")

    return write


def test_a_shop_with_all_it_needs_is_complete_and_nothing_of_it_has_landed(declared, tmp_path):
    report = check(declared(lambda words: None))
    assert report.is_complete
    assert {one.entity for one in report.given} >= {"order_lines", "products", "customers"}
    assert "events" in report.absent
    assert not (tmp_path / "data").exists()


def test_a_staging_model_that_names_an_undeclared_column_is_found(declared):
    shop = declared(lambda words: words["entities"]["transactions"]["columns"].pop("quantity"))
    with pytest.raises(ForecartError, match=r"stg_complete_journey__order_lines.*quantity"):
        check(shop)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"data_until": "max(transaction_time::date)"}, "transaction_time"),
        ({"volume": {"day": "to_date(transaction_timestamp)"}}, "to_date"),
        ({"csv": {"encoding": "ansi-de"}}, "unknown encoding: ansi-de"),
        ({"csv": {"delimiter": ";;"}}, "one character"),
        ({"timezone": "Europe/Berln"}, "Europe/Berln"),
        ({"loads": "all"}, "loads append, replace or latest"),
        ({"expected_rows": {"least": 1}}, "min and max"),
        ({"columns": {"quantity": {"type": "numeric_int"}}}, "numeric_int"),
        ({"columns": {"transaction_timestamp": {"min": "01.01.2020"}}}, "01.01.2020"),
        ({"columns": {"transaction_timestamp": {"formats": ["%Y-%Q"]}}, "format": "csv"}, "%Y-%Q"),
    ],
    ids=str,
)
def test_a_declaration_that_cannot_be_understood_is_told_and_not_the_sources_fault(words, said, declared):
    def change(declaration):
        entity = declaration["entities"]["transactions"]
        for column, changed in words.get("columns", {}).items():
            entity["columns"][column] |= changed
        entity |= {word: value for word, value in words.items() if word != "columns"}

    with pytest.raises(ForecartError, match="(?s)transactions.*cannot be understood|cannot be understood.*transactions") as raised:
        check(declared(change))
    assert said in str(raised.value)


def test_of_expected_rows_one_word_is_enough(declared):
    assert check(declared(lambda words: words["entities"]["transactions"].update(expected_rows={"min": 7}))).is_complete


def test_a_shop_without_a_clock_is_not_complete(declared):
    report = check(declared(lambda words: words["entities"]["transactions"].pop("is_clock")))
    assert not report.is_complete
    assert "is_clock" in " ".join(report.problems)


def test_a_source_that_cannot_be_reached_is_named(declared, tmp_path):
    report = check(declared(lambda words: words.update(location=str(tmp_path / "nowhere"))))
    assert not report.is_complete
    said = " ".join(report.problems)
    assert "complete_journey.transactions: file" in said
    assert "nowhere/transactions.parquet" in said


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("postgresql+psycopg://shop:secret@127.0.0.1:1/shop", "expected a table orders in postgresql"),
        ("sqlite:////nowhere/shop.db", "expected an SQLite database, found none"),
        ("http://127.0.0.1:1", "expected pages of orders"),
    ],
    ids=["a database", "a file of one", "an API"],
)
def test_a_system_that_does_not_answer_is_named(declared, monkeypatch, location, said):
    """An offer of one is made without asking it."""
    monkeypatch.setattr(rest, "TRIES", 0)

    def elsewhere(words):
        words["location"] = location
        for entity in words["entities"].values():
            entity |= {"table": "orders", "path": "orders"}

    problems = checking._unreachable(declared(elsewhere), load_system("complete_journey"))
    assert problems and all(said in problem for problem in problems)
    assert "secret" not in " ".join(problems)


def test_a_country_whose_holidays_nobody_knows_is_named(declared):
    report = check(replace(declared(lambda words: None), country="Germany"))
    assert [problem for problem in report.problems if "public holidays of Germany" in problem]


@pytest.mark.parametrize("unknown", [[], ["household_composition_code"]])
def test_what_is_found_is_told_in_whole_names_on_a_narrow_screen(unknown, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    left_out = ["coupon_match_discount_cents", "household_composition", "order_line_source_id"]
    file = f"/{'folder/' * 12}transactions.csv"
    check_shop._tell("mine", Report([Given("order_lines", "complete_journey", [], left_out, unknown)], [], [f"no file {file}"]))
    said = capsys.readouterr().out
    assert "…" not in said
    assert "must be added" not in said and "Without a source" not in said
    assert file in said
    if not unknown:
        assert all(name in said for name in left_out)
