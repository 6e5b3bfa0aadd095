import os

import pytest

from forecart.cli import bench, bench_growth, bench_history, bench_landing


def test_landing_is_timed_and_what_is_measured_next_finds_the_environment_as_it_was():
    before = dict(os.environ)

    measured = bench_landing.measure(rows=1_000)

    assert measured["rows"] == 1_000 and measured["landing_seconds"] > 0
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("shop", "said"),
    [("nonsense", "there is no shop 'nonsense'"), ("online_retail", "forecart.cli.run --shop online_retail .* ended with 1")],
)
def test_a_shop_that_cannot_run_is_told_before_anything_is_measured(shop, said, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("FORECART_LOCATION_ONLINE_RETAIL", str(tmp_path / "nowhere"))
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{tmp_path / 'of_others.db'}")
    for part in (bench_landing, bench_history, bench_growth):
        monkeypatch.setattr(part, "measure", lambda: pytest.fail("measured"))
    monkeypatch.setattr("sys.argv", ["bench", "--shop", shop, "--output", str(tmp_path / "bench.json")])
    with pytest.raises(SystemExit, match=said):
        bench.main()
    assert ("nowhere" in capfd.readouterr().out) == (shop == "online_retail")
    assert not (tmp_path / "bench.json").exists()
    assert not (tmp_path / "of_others.db").exists()
