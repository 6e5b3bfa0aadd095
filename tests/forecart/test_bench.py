import os

from forecart.cli import bench_landing


def test_landing_is_timed_and_what_is_measured_next_finds_the_environment_as_it_was():
    before = dict(os.environ)

    measured = bench_landing.measure(rows=1_000)

    assert measured["rows"] == 1_000 and measured["landing_seconds"] > 0
    assert dict(os.environ) == before
