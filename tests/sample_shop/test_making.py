"""The shop is made the same each time, once, and whole."""

import hashlib
import os
import subprocess
import sys
import time
from datetime import date
from importlib.util import find_spec

import pytest

from forecart.errors import ForecartError
from sample_shop import __main__ as command
from sample_shop import days, simulation, world
from sample_shop.simulation import Size
from tests.sample_shop.conftest import open_world

TINY = 40
SIZE = Size(TINY, 100)


def _bytes(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    simulation.make(folder, SIZE, 1)
    return folder


def test_the_same_seed_makes_the_same_bytes(tiny, tmp_path):
    simulation.make(tmp_path, SIZE, 1)
    assert _bytes(tmp_path) == _bytes(tiny)


def test_another_seed_makes_another_world(tiny, tmp_path):
    simulation.make(tmp_path, SIZE, 2)
    assert _bytes(tmp_path)["world/orders/part-all.parquet"] != _bytes(tiny)["world/orders/part-all.parquet"]


WHEN = {  # the moment from which each row of a table is there
    "orders": "ordered_at",
    "payments": "paid_at",
    "shipments": "shipped_at",
    "returns": "returned_at",
    "reviews": "reviewed_at",
    "sessions": "started_at",
    "events": "event_at",
    "logins": "logged_in_at",
    "survey_answers": "answered_at",
    "profile_changes": "changed_at",
    "stock_levels": "stock_date",
}


@pytest.mark.parametrize("drift", [date.fromisoformat(days.DRIFT), date(2025, 6, 1)])
def test_drift_changes_what_comes_after_its_day_and_nothing_before(tiny, tmp_path, drift):
    simulation.make(tmp_path, SIZE, 1, drift)
    at = days.utc(days.number(drift), 0)
    with open_world(tiny) as calm, open_world(tmp_path) as drifting:
        for table, when in WHEN.items():
            # what happens to a row later (an order's end, a parcel's arrival) follows from the row alone, so it is compared, too
            rows = [one.execute(f"from world.{table} where {when} < timestamp '{at}' order by all").fetchall() for one in (calm, drifting)]
            assert rows[0] == rows[1], table
            assert rows[0], table
        lines = "from world.order_lines join world.orders using (order_id) where (ordered_at < timestamp '{}') = {} order by all"
        for before in [True, False]:
            rows = [one.execute(lines.format(at, before)).fetchall() for one in (calm, drifting)]
            assert (rows[0] == rows[1]) == before
        for table in ["people", "products", "promotions", "prices", "competitor_prices", "brand_sentiment", "economic_indicators"]:
            assert (
                calm.execute(f"from world.{table} order by all").fetchall()
                == drifting.execute(f"from world.{table} order by all").fetchall()
            )


def test_customers_alone_can_be_set():
    assert Size.of(0.2) == Size(2000, 894)
    assert Size.of(0.2, 500) == Size(500, 894)
    assert Size.of(1) == Size(10_000, 2_000)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--customers", "0"), "one customer or more"),
        (("--scale", "-1"), "a scale above 0"),
        (("--scale", "nan"), "a scale above 0"),
        (("--seed", "-1"), "a seed of 0 or more"),
        (("--drift", "nonsense"), "'nonsense' is no date"),
        (("--drift", "2030-01-01"), "Tastes cannot change on 2030-01-01"),
        (("--shop-db", "nonsense"), "Could not parse SQLAlchemy URL"),
    ],
)
def test_a_shop_that_cannot_be_made_is_told_in_a_line(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FORECART_DATA", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["sample_shop", "--world-only", *arguments])
    assert command.main() == 1
    assert said in capsys.readouterr().err
    assert world.manifest(tmp_path) is None


def _systems():
    return tuple(system for system in world.SYSTEMS if find_spec(f"sample_shop.sources.{system}"))


def test_a_second_call_makes_nothing(tmp_path):
    assert world.ensure(tmp_path, scale=0.002, systems=())
    before = world.manifest(tmp_path)
    files = {str(path.relative_to(tmp_path / "sample_shop" / "truth")) for path in (tmp_path / "sample_shop" / "truth").rglob("*.parquet")}
    assert set(before["files"]) == files
    assert not world.ensure(tmp_path, scale=0.002, systems=())
    assert not world.ensure(tmp_path, scale=0.003, systems=(), if_missing=True)
    assert world.ensure(tmp_path, scale=0.003, systems=())
    assert world.manifest(tmp_path)["customers"] == 30


def test_another_shop_never_takes_the_place_of_one_that_has_landed(tmp_path):
    world.ensure(tmp_path, scale=0.002, systems=())
    (tmp_path / "sample" / "landing").mkdir(parents=True)
    before = _bytes(tmp_path)
    with pytest.raises(ForecartError, match="Remove .*/sample, then make another one"):
        world.ensure(tmp_path, scale=0.002, seed=2, systems=())
    assert _bytes(tmp_path) == before
    assert not world.ensure(tmp_path, scale=0.002, systems=())  # the same one is there
    (tmp_path / "sample" / "landing").rmdir()
    assert world.ensure(tmp_path, scale=0.002, seed=2, systems=())


def test_a_run_that_dies_leaves_the_shop_as_it_was(tmp_path, monkeypatch):
    world.ensure(tmp_path, scale=0.002, systems=())
    before = _bytes(tmp_path)
    (tmp_path / ".sample_shop.1.aside").mkdir()  # what a killed run left

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(world.telling, "tell", die)
    with pytest.raises(KeyboardInterrupt):
        world.ensure(tmp_path, scale=0.002, seed=2)
    assert _bytes(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["sample_shop"]


def test_a_run_that_is_killed_leaves_nothing_that_looks_whole(tmp_path):
    """SIGKILL while tables are being written: no shop is there, and the next run makes a whole one and clears what was left."""
    command = [sys.executable, "-m", "sample_shop", "--customers", str(TINY), "--world-only"]
    maker = subprocess.Popen(command, env={**os.environ, "FORECART_DATA": str(tmp_path)}, stdout=subprocess.DEVNULL)
    while not list(tmp_path.glob(".sample_shop.*.aside/truth/world/people")):
        assert maker.poll() is None
        time.sleep(0.01)
    maker.kill()
    maker.wait()
    assert world.manifest(tmp_path) is None
    assert not (tmp_path / "sample_shop").exists()
    assert world.ensure(tmp_path, scale=0.002, systems=())
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["sample_shop"]
    made = world.manifest(tmp_path)
    assert {name: hashlib.sha256((tmp_path / "sample_shop" / "truth" / name).read_bytes()).hexdigest() for name in made["files"]} == made[
        "files"
    ]


def test_sources_do_not_depend_on_the_number_of_threads(tmp_path, monkeypatch):
    found = []
    for threads in ["1", str(max(os.cpu_count() or 2, 2))]:
        monkeypatch.setenv("FORECART_THREADS", threads)
        world.ensure(tmp_path / threads, scale=0.002, systems=_systems())
        found.append(_bytes(tmp_path / threads / "sample_shop"))
    assert found[0] == found[1]


def test_a_day_that_the_shop_does_not_know_is_no_day_of_change(tmp_path):
    with pytest.raises(ForecartError, match="cannot change on 2026-02-01"):
        world.ensure(tmp_path, 0.2, 1, TINY, date(2026, 2, 1))
    assert not (tmp_path / world.FOLDER).exists()


def test_an_unknown_system_is_named(tmp_path):
    with pytest.raises(ForecartError, match="warehouse.*crm, catalogue"):
        world.ensure(tmp_path, systems=("warehouse",))


def test_world_and_sources_have_code_of_their_own(monkeypatch):
    """A change of a source does not remake the world; whatever makes the world does."""
    files = world._imported_from("simulation", world.Path(world.__file__).parent)
    assert {"wants.py", "shopping.py", "market.py", "words.py", "streams.py", "foresight.py"} <= files
    assert not files & {"world.py", "accounts.py", "dirt.py"}
