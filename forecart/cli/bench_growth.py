"""How the time of a first run, every training included, grows with the shop: sample shops of some customers and of ten times as many."""

from typing import Any

from forecart.cli.bench_run import house
from sample_shop import world

CUSTOMERS = 1_000
# What takes less in the larger shop is mostly start, and its ratio says nothing.
LEAST_SECONDS = 5.0


def measure(customers: int = CUSTOMERS, times: int = 10) -> dict[str, Any]:
    """Of both shops customers, rows landed, seconds in all and of each stage that counts, peak memory; and of all how often the small shop's."""
    small, large = (_run(count) for count in (customers, times * customers))
    stages = {stage: [small["stages"].get(stage, 0.0), seconds] for stage, seconds in large["stages"].items() if seconds >= LEAST_SECONDS}
    figures = {name: [small[name], large[name]] for name in ("customers", "rows", "seconds", "peak_memory_mb")}
    return figures | {
        "ratio": {name: _ratio(pair) for name, pair in figures.items()},
        "stages": {stage: [*pair, _ratio(pair)] for stage, pair in sorted(stages.items(), key=lambda of: -of[1][1])},
    }


def _run(customers: int) -> dict[str, Any]:
    with house() as own:
        own.call("sample_shop", "--customers", str(customers))
        told = own.timed_run(world.HOUSE)
    stages: dict[str, float] = {}
    for stage in told["stages"]:
        stages[stage["stage"]] = round(stages.get(stage["stage"], 0.0) + stage["seconds"], 1)
    rows = sum(stage["rows"] or 0 for stage in told["stages"] if stage["stage"].startswith("land_sources.land"))
    return {
        "customers": customers,
        "rows": rows,
        "seconds": told["total_seconds"],
        "peak_memory_mb": told["peak_memory_mb"],
        "stages": stages,
    }


def _ratio(pair: list[float]) -> float:
    small, large = pair
    return round(large / max(small, 0.1), 1)
