"""Laws of the landing zone."""

import json
import shutil
from datetime import date

import duckdb
import pytest

from forecart.durable import sha256_of
from forecart.errors import ForecartError
from forecart.run import Run
from forecart.shop import load_shop
from forecart.warehouse import connect
from ingest import landing


@pytest.fixture
def shop(source_slice, tmp_path, monkeypatch):
    shutil.copytree(source_slice, tmp_path / "source")
    monkeypatch.setenv("FORECART_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FORECART_LOCATION_COMPLETE_JOURNEY", str(tmp_path / "source"))
    return load_shop("complete_journey")


def land_all(shop):
    return {f"{source['system']}.{source['entity']}": landing.land(shop, **source) for source in landing.entities(shop)}


def loads_of(shop, entity="transactions"):
    return sorted(path.parent.name for path in shop.landing.glob(f"complete_journey/{entity}/*/manifest.json"))


def source_file(tmp_path, entity="transactions"):
    return tmp_path / "source" / f"{entity}.parquet"


def replace(file, query):
    duckdb.sql(query.format(file=f"'{file}'")).write_parquet(f"{file}.new")
    shutil.move(f"{file}.new", file)


def test_the_same_bytes_again_are_no_new_load(shop):
    first, second = land_all(shop), land_all(shop)
    assert all(load["is_new"] for load in first.values())
    assert not any(load["is_new"] for load in second.values())
    assert {name: load["rows"] for name, load in first.items()} == {name: load["rows"] for name, load in second.items()}


def test_landed_rows_are_the_sources(shop, tmp_path):
    landed = land_all(shop)["complete_journey.transactions"]
    assert landed["rows"] == duckdb.sql(f"select count(*) from '{source_file(tmp_path)}'").fetchone()[0]
    manifest = json.loads(next(shop.landing.glob("complete_journey/transactions/*/manifest.json")).read_text())
    assert manifest["rows"] == manifest["accepted"] + manifest["quarantined"]
    assert manifest["sha256"] == sha256_of(source_file(tmp_path))


def test_other_bytes_supersede_and_the_old_ones_can_come_back(shop, tmp_path):
    kept = tmp_path / "kept.parquet"
    shutil.copy(source_file(tmp_path), kept)
    land_all(shop)
    first = landing.current_loads(shop)["complete_journey.transactions"]
    replace(source_file(tmp_path), "select * from {file} limit 1000")
    second = land_all(shop)["complete_journey.transactions"]
    assert second["rows"] == 1000
    assert landing.current_loads(shop)["complete_journey.transactions"] == [load for load in loads_of(shop) if load not in first]
    shutil.copy(kept, source_file(tmp_path))
    land_all(shop)
    assert landing.current_loads(shop)["complete_journey.transactions"] == first


def test_a_shop_whose_clock_tells_of_no_day_is_told_so(monkeypatch):
    monkeypatch.setattr(landing, "declared_entities", lambda shop: iter(()))
    with pytest.raises(ForecartError, match="complete_journey: expected a source table with `is_clock: true` that tells of a day"):
        landing.plan_run("complete_journey")


def test_a_load_without_a_manifest_does_not_exist(shop):
    """As a landing killed halfway leaves it."""
    land_all(shop)
    load = next(shop.landing.glob("complete_journey/transactions/*/manifest.json")).parent
    (load / "manifest.json").unlink()
    (load / "data.parquet").write_bytes(b"half of it")
    assert land_all(shop)["complete_journey.transactions"]["is_new"]
    landing.register(landing.plan_run(shop.name))


def test_a_bit_flip_in_a_landed_file_is_found_before_it_is_read(shop):
    land_all(shop)
    data = next(shop.landing.glob("complete_journey/transactions/*/data.parquet"))
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 1
    data.write_bytes(content)
    with pytest.raises(ForecartError, match="complete_journey.transactions.*not what its manifest says"):
        landing.register(landing.plan_run(shop.name))


@pytest.mark.parametrize("entity", ["transactions", "promotions", "demographics"])
def test_a_failed_landing_leaves_the_last_load_serving(shop, tmp_path, entity):
    land_all(shop)
    before = landing.current_loads(shop)
    source_file(tmp_path, entity).write_bytes(b"PAR1 and nothing behind it")
    with pytest.raises(ForecartError, match=f"complete_journey.{entity}"):
        landing.land(shop, "complete_journey", entity)
    assert landing.current_loads(shop) == before


def test_a_damaged_page_is_found_although_the_footer_is_whole(shop, tmp_path):
    file = source_file(tmp_path)
    content = bytearray(file.read_bytes())
    content[4:4000] = bytes(3996)
    file.write_bytes(content)
    with pytest.raises(ForecartError, match="complete_journey.transactions"):
        landing.land(shop, "complete_journey", "transactions")


def test_an_added_column_is_kept_and_recorded(shop, tmp_path):
    replace(source_file(tmp_path), "select *, 1 as till from {file}")
    landing.land(shop, "complete_journey", "transactions")
    manifest = json.loads(next(shop.landing.glob("complete_journey/transactions/*/manifest.json")).read_text())
    assert manifest["schema"]["till"] == "INTEGER"


def test_the_default_run_is_live_from_the_day_after_the_newest_sale(shop):
    land_all(shop)
    assert landing.plan_run(shop.name) == Run(shop, date(2018, 1, 1))
    assert landing.plan_run(shop.name, "2018-01-01") == Run(shop, date(2018, 1, 1))
    assert landing.plan_run(shop.name, "2017-12-31") == Run(shop, date(2017, 12, 31), is_historical=True)


@pytest.mark.parametrize("asked", ["2018-01-02", "tomorrow", "2017-13-01"])
def test_a_date_that_nothing_is_known_of_is_refused(shop, asked):
    land_all(shop)
    with pytest.raises(ForecartError, match=asked):
        landing.plan_run(shop.name, asked)


def test_data_until_never_passes_what_the_run_may_know(shop):
    land_all(shop)
    assert landing.data_until(shop, landing.plan_run(shop.name)) == date(2017, 12, 31)
    assert landing.data_until(shop, landing.plan_run(shop.name, "2017-06-01")) == date(2017, 5, 31)


def test_registered_views_show_the_landed_rows(shop):
    landed = land_all(shop)
    run = landing.plan_run(shop.name)
    landing.register(run)
    with connect(run) as connection:
        for name, load in landed.items():
            view = name.replace(".", "__")
            assert connection.sql(f"select count(*) from landing.{view}").fetchone()[0] == load["rows"]


def test_a_run_key_leads_back_to_the_run(shop):
    land_all(shop)
    for as_of_date in (None, "2017-12-02"):
        run = landing.plan_run(shop.name, as_of_date)
        assert Run.from_key(run.key) == run
