"""Laws of a declaration's columns that are more than a copy of the source's."""

import json

import pytest

from forecart.errors import ForecartError
from ingest.systems import load_system
from tests.ingest.connected import ORDERS, Elsewhere

PERSON = {
    "order_id": {"type": "varchar", "meaning": "The order", "required": True},
    "customer": {"type": "varchar", "meaning": "The customer", "subject": "elsewhere"},
    "born_on": {"type": "date", "meaning": "Date of birth", "personal": True, "max": "2020-01-01", "if_bad": "empty"},
    "birth_decade": {"type": "integer", "meaning": "What of it may stay open", "expression": "year(born_on) // 10 * 10"},
    "updated_at": {"type": "timestamp", "meaning": "The row's version", "required": True},
}


@pytest.fixture
def shop(tmp_path, monkeypatch):
    (tmp_path / "source").mkdir()

    def made(content: str, **words) -> Elsewhere:
        name = "orders_1.jsonl" if words.get("format") == "jsonl" else "orders_1.csv"
        (tmp_path / "source" / name).write_text(content)
        return Elsewhere(tmp_path, monkeypatch, str(tmp_path / "source"), **{"format": "csv", **words})

    return made


def manifest(shop: Elsewhere) -> dict:
    return shop.ledger.manifest(shop.ledger.serving()[0])


def test_what_of_a_personal_column_may_stay_open_is_open_and_nothing_else(shop):
    orders = shop("order_id,customer,born_on,updated_at\nO1,C1,1984-05-06,2025-01-01 10:00:00\n", columns=PERSON)
    orders.land()
    (landed,) = orders.rows("columns(*)")
    assert 1980 in landed
    assert "1984" not in str(landed)
    assert "born_on" not in manifest(orders)["columns"]


def test_a_bad_value_that_may_be_left_out_costs_neither_its_row_nor_what_is_made_of_it(shop):
    content = "order_id,customer,born_on,updated_at\n" + "\n".join(
        f"O{number},C{number},{born},2025-01-01 10:00:00" for number, born in enumerate(["1984-05-06", "2021-01-01", "soon"], start=1)
    )
    orders = shop(content, columns=PERSON)
    orders.land()
    assert orders.rows("order_id, birth_decade") == [("O1", 1980), ("O2", None), ("O3", None)]
    assert manifest(orders)["repaired"] == {"born_on: above 2020-01-01, left empty": 1, "born_on: no readable date, left empty": 1}
    assert manifest(orders)["quarantined"] == 0


def test_a_part_of_a_named_object_in_a_list_is_found_wherever_it_stands(shop):
    """As an event export writes parameters; objects without a name, or none of that name, do no harm."""
    lists = [
        [{"key": "id", "value": {"int": 7}}, {"key": "page", "value": {"text": "start"}}],
        [{"key": "page", "value": {"text": "end"}}, {"key": "id", "value": {"int": 8}}],
        [{"value": {"text": "nameless"}}, {"key": "page", "value": {"text": "found"}}],
        [],
    ]
    lines = [
        json.dumps({"order_id": f"O{number}", "updated_at": "2025-01-01 10:00:00", "params": params}) for number, params in enumerate(lists)
    ]
    columns = {name: PERSON[name] for name in ("order_id", "updated_at")}
    columns |= {
        "page": {"type": "varchar", "meaning": "Page", "from": "$.params[key=page].value.text"},
        "number": {"type": "integer", "meaning": "Number", "from": "$.params[key=id].value.int"},
    }
    orders = shop("\n".join(lines) + "\n", columns=columns, format="jsonl", file="orders_{batch}.jsonl")
    orders.land()
    assert orders.rows("order_id, page, number") == [("O0", "start", 7), ("O1", "end", 8), ("O2", "found", None), ("O3", None, None)]


@pytest.mark.parametrize(
    "words", [{"if_bad": "maybe"}, {"expression": "1", "from": "order_id"}, {"expression": "1", "subject": "elsewhere"}]
)
def test_a_column_that_cannot_be_meant_is_refused_by_name(shop, words):
    column = {"type": "varchar", "meaning": "The order", **words}
    shop("", columns={**ORDERS["columns"], "made": column})
    with pytest.raises(ForecartError, match=r"elsewhere\.orders.*made"):
        load_system("elsewhere")
