"""Laws of the score: what counts as handled, proved by the value of a row and not by its being there."""

import duckdb
import pytest
import yaml

from forecart.shop import Shop
from privacy.identity.scores import Scores
from sample_shop import score, world
from sample_shop.dirt import RATES
from sample_shop.scoring import who_and_what
from sample_shop.scoring.check import Check
from tests.sample_shop import small_shop

CHECK = Check(
    "shop_db",
    "orders",
    refused="json_extract_string(raw, '$.order_id')",
    judged="select source_key, quarantine_reason, drop_reason from judged",
    found="select source_key, amount, known_at from conformed",
    true="select source_key, amount, known_at from world_orders",
    known="known_at < 9",
)


class Told:
    """A tiny house: what is true, what was planted, what was judged, and what conformed holds."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, shop: Shop) -> None:
        self.connection, self.shop = connection, shop
        connection.sql("create schema truth")
        connection.sql("create table truth.planted (error varchar, handling varchar, system varchar, entity varchar, source_key varchar)")
        connection.sql("create view taking_place as from truth.planted where handling = 'quarantine' and error <> 'beside'")
        connection.sql("create table world_orders (source_key varchar, amount integer, known_at integer)")
        connection.sql("create table conformed (source_key varchar, amount integer, known_at integer)")
        connection.sql("create table judged (source_key varchar, quarantine_reason varchar, drop_reason varchar)")

    def true(self, key: str, amount: int, known_at: int = 1) -> None:
        self.connection.execute("insert into world_orders values (?, ?, ?)", [key, amount, known_at])

    def plant(self, handling: str, key: str, error: str = "error") -> None:
        self.connection.execute("insert into truth.planted values (?, ?, 'shop_db', 'orders', ?)", [error, handling, key])

    def accept(self, key: str, amount: int) -> None:
        self.connection.execute("insert into conformed values (?, ?, 1)", [key, amount])
        self.connection.execute("insert into judged values (?, null, null)", [key])

    def leave_out(self, key: str, quarantine_reason: str | None = None, drop_reason: str | None = None) -> None:
        self.connection.execute("insert into judged values (?, ?, ?)", [key, quarantine_reason, drop_reason])

    def refuse(self, key: str) -> None:
        """As landing does."""
        folder = self.shop.personal / "shop_db" / "orders" / key
        folder.mkdir(parents=True)
        self.connection.sql(f"copy (select 'bad' as reason, '{{\"order_id\": \"{key}\"}}' as raw) to '{folder / 'quarantine.parquet'}'")

    def outcomes(self) -> dict[str, str]:
        score.judge(self.connection, self.shop, CHECK)
        return dict(self.connection.sql("select source_key, outcome from fates").fetchall())

    def good(self) -> tuple[int, int, int, int]:
        """Good rows, lost ones, changed ones, and rows that nobody wrote."""
        score.judge(self.connection, self.shop, CHECK)
        return self.connection.sql(score.GOOD).fetchone()


@pytest.fixture
def told(tmp_path, monkeypatch):
    monkeypatch.setenv("FORECART_DATA", str(tmp_path))
    with duckdb.connect() as connection:
        yield Told(connection, Shop("sample", "", "UTC", "EUR", ()))


def test_a_repair_is_the_true_value_and_not_a_row(told):
    for key in ("right", "wrong", "quarantined", "twice", "gone"):
        told.true(key, 5)
        told.plant("repair", key)
    told.accept("right", 5)
    told.accept("wrong", 500)
    told.leave_out("quarantined", quarantine_reason="amount unreadable")
    told.accept("twice", 5)
    told.accept("twice", 5)
    assert told.outcomes() == {"right": "repaired", "wrong": "missed", "quarantined": "missed", "twice": "missed", "gone": "missed"}
    assert told.good() == (5, 2, 2, 0)


def test_a_copy_is_dropped_where_one_true_row_stays(told):
    for key in ("one stays", "both stay", "none stays", "the wrong one stays"):
        told.true(key, 5)
        told.plant("drop", key)
    for key, amounts in {"one stays": [5], "both stay": [5, 5], "the wrong one stays": [4]}.items():
        for amount in amounts:
            told.accept(key, amount)
    for key in ("one stays", "none stays", "the wrong one stays"):
        told.leave_out(key, drop_reason="exact duplicate")
    outcomes = told.outcomes()
    assert outcomes.pop("one stays") == "dropped"
    assert set(outcomes.values()) == {"missed"}


def test_a_row_that_cannot_be_true_is_quarantined_in_landing_or_in_conformed_and_not_accepted(told):
    for key in ("conformed", "landing", "accepted", "vanished"):
        told.plant("quarantine", key)
    told.leave_out("conformed", quarantine_reason="amount negative")
    told.refuse("landing")
    told.accept("accepted", -5)
    assert told.outcomes() == {"conformed": "quarantined", "landing": "quarantined", "accepted": "missed", "vanished": "missed"}


def test_a_bad_row_takes_the_place_of_the_true_one_or_stands_beside_it(told):
    for key, error in [("in its place", "error"), ("beside", "beside"), ("beside, both gone", "beside")]:
        told.true(key, 5)
        told.plant("quarantine", key, error)
        told.leave_out(key, quarantine_reason="amount negative")
    told.accept("beside", 5)
    assert told.outcomes() == {"in its place": "quarantined", "beside": "quarantined", "beside, both gone": "missed"}


def test_good_rows_are_counted_without_those_that_are_to_be_left_out(told):
    told.true("good", 5)
    told.true("lost", 5)
    told.true("changed", 5)
    told.true("twice told", 5)
    told.plant("drop", "twice told")
    told.accept("good", 5)
    told.accept("changed", 6)
    told.accept("of nobody", 1)
    assert told.good() == (3, 1, 1, 1)


def test_what_the_run_could_not_know_yet_is_not_scored(told):
    told.true("tomorrow", 5, known_at=9)
    told.plant("repair", "tomorrow")
    told.leave_out("tomorrow", drop_reason="not known before as_of_date")
    assert told.outcomes() == {}
    assert told.good() == (0, 0, 0, 0)


def test_missed_targets_are_named():
    error = {"error": "late", "handling": "repair", "planted": 1000, "handled": 990}
    entity = {"system": "crm", "entity": "logins", "good": 10_000, "lost": 10}
    right = {"customers": Scores(0.98, 0.97, 0.975, 1, 1, 1), "products": Scores(0.93, 0.93, 0.93, 1, 1, 1)}
    assert score.Score([error, {"error": "twin", "handling": "match", "planted": 5, "handled": 4}], [entity], right).failures == []
    wrong = {"customers": Scores(0.97, 1, 0.985, 1, 1, 1), "products": Scores(1, 0.8, 0.89, 1, 1, 1)}
    failures = score.Score([{**error, "handled": 989}], [{**entity, "lost": 11}], wrong).failures
    assert [failure.split(":")[0] for failure in failures] == ["late", "customers", "products", "crm.logins"]


@pytest.mark.parametrize(
    ("shop", "said"), [("nonsense", "there is no shop 'nonsense'"), ("complete_journey", "nobody knows the truth of it")]
)
def test_a_shop_that_cannot_be_scored_is_told_so_in_a_line(shop, said, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["score", "--shop", shop])
    assert score.main() == 1
    assert said in capsys.readouterr().err


def test_a_record_is_told_right_when_its_cluster_is_its_person_and_no_more(told, monkeypatch):
    """a and b are one and joined, c and d are one and apart, e and f are two and joined."""
    rows = [("a", "1", 1), ("b", "1", 1), ("c", "2", 2), ("d", "3", 2), ("e", "4", 3), ("f", "4", 4)]
    records = " union all ".join(
        "select 'shop_db' as system, 'orders' as entity,"
        f" '{key}' as source_key, '{cluster}' as cluster, {person} as person_id, ['X{key}'] as other_keys"
        for key, cluster, person in rows
    )
    monkeypatch.setattr(who_and_what, "MATCHINGS", {"things": who_and_what.Matching(records, 0.9, 0.9)})
    for key in "abcef":
        told.plant("match", key)
    told.plant("match", "Xd", "another")
    told.plant("keep", "a", "no matter of who is who")
    errors, found = who_and_what.measure(told.connection)
    assert {one["error"]: (one["planted"], one["handled"]) for one in errors} == {"error": (5, 2), "another": (1, 0)}
    assert (found["things"].precision, found["things"].recall) == (0.5, 0.5)


def test_every_error_that_is_declared_is_planted_by_the_sources_and_scored(tmp_path):
    told = small_shop.tell(tmp_path, least=0.25, systems=world.SYSTEMS)
    declared = yaml.safe_load(RATES.read_text())
    rows = told.rows("select distinct error, handling, system, entity from planted")
    planted = {(error, entity): (handling, system) for error, handling, system, entity in rows}
    assert {error for error, _ in planted} == set(declared)
    scored = {(check.system, check.entity) for check in score.CHECKS}
    for (error, entity), (handling, system) in planted.items():
        assert handling == declared[error]["handling"], error
        assert (system, entity) in scored, error
