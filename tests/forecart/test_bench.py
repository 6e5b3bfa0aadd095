import os

import pytest

from forecart.cli import bench, bench_growth, bench_history, bench_landing, bench_run
from forecart.errors import ForecartError


def test_landing_is_timed_and_what_is_measured_next_finds_the_environment_as_it_was():
    before = dict(os.environ)

    measured = bench_landing.measure(rows=1_000)

    assert measured["rows"] == 1_000 and measured["landing_seconds"] > 0
    assert dict(os.environ) == before


@pytest.mark.parametrize("shop", ["nonsense", "online_retail"])
def test_a_shop_that_cannot_run_is_told_before_anything_is_measured(shop, tmp_path, monkeypatch):
    def cannot_run(house, shop):
        raise ForecartError(f"there is no shop '{shop}' here")

    for part in (bench_landing, bench_history, bench_growth):
        monkeypatch.setattr(part, "measure", lambda: pytest.fail("measured"))
    monkeypatch.setattr(bench_run.House, "call", lambda *_: None)
    monkeypatch.setattr(bench_run.House, "timed_run", cannot_run)
    monkeypatch.setattr("sys.argv", ["bench", "--shop", shop, "--output", str(tmp_path / "bench.json")])
    with pytest.raises(SystemExit, match=f"there is no shop '{shop}'"):
        bench.main()
    assert not (tmp_path / "bench.json").exists()


def test_a_run_in_a_house_of_its_own_touches_no_other_airflow_and_says_how_it_failed(tmp_path, monkeypatch):
    (tmp_path / "fails.py").write_text("import os, sys; sys.exit(2 if 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN' in os.environ else 1)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{tmp_path / 'of_others.db'}")
    with pytest.raises(ForecartError, match="nothing is measured: fails ended with 1"):
        bench_run.House(tmp_path).call("fails")
