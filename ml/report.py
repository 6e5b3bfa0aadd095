"""The model report of a run, for a shop's people: one HTML file that needs no network, data/<shop>/models/report.html (a historical run's in its
own folder)."""

import json
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader

from forecart import timing, warehouse
from forecart.durable import write_durably
from forecart.run import Run
from ml import QUESTIONS, backtest_table, columns, legend, plots, registry, retraining, verdict
from ml.legend import Metric
from ml.plots import Plot
from ml.registry import Version

TEMPLATES = Path(__file__).parent / "templates"
WHOSE = {"features_customer": "customers", "features_product": "products"}
OUTCOMES_OF = {"purchase": ["purchase", "discovery"]}
MOST_DRIFT, MOST_OUTCOMES, MOST_PRODUCTS = 15, 30, 15


def write(run: Run) -> Path:
    """Write the report of what serves now anew; returns the file."""
    planned = retraining.planned(run)
    with warehouse.connect(run) as connection, timing.spent(timing.OTHER):
        versions = {question: registry.serving(run, question) for question in QUESTIONS}
        drift = _rows(
            connection, "select kind, name, column_name, psi, is_drifted from quality.drift order by psi desc, kind, name, column_name"
        )
        page = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template("report.j2")
        html = page.render(
            shop=run.shop.name,
            currency=run.shop.currency,
            as_of_date=run.as_of_date,
            questions=[_told(connection, run, version) for version in versions.values() if version],
            drift=[(*_drifted(*row[:3]), *row[3:]) for row in drift[:MOST_DRIFT]],
            count_drift=len(drift),
            retraining=[(question, legend.plain(question, reason), day) for question, (reason, day) in planned.items()],
        )
    file = run.folder / "models" / "report.html"
    write_durably(file, html)
    return file


def _told(connection: duckdb.DuckDBPyConnection, run: Run, version: Version) -> dict[str, Any]:
    question, module = version.question, import_module(f"ml.{version.question}")
    newest = registry.newest_challenger(run, question) or version
    judged, ablation = verdict.judged(version, newest), _ablation(run, question)
    figures = _figures(judged)
    return {
        "name": question,
        "title": legend.TITLES[question],
        "version": version,
        "verdict": verdict.told(version, newest, module.HEADLINE[0], run.shop.currency),
        "judged": judged,
        "figures": figures,
        "meanings": {metric.name: metric.meaning for metric, *_ in figures if metric.meaning},
        "challenger": newest.label,
        "checks": [(legend.check(question, name), is_passed, legend.plain(question, found)) for name, is_passed, found in newest.checks],
        "plots": [*_curves(version), *_importances(version), *_forecasts(connection, run, version)],
        "outcomes": [
            (day, label, legend.of(of_what, metric), value)
            for day, label, of_what, metric, value in _rows(
                connection,
                f"""
                select as_of_date, model_version, question, metric, value from quality.prediction_outcomes
                where list_contains(?, question) order by as_of_date desc, question, metric limit {MOST_OUTCOMES}
                """,
                [OUTCOMES_OF.get(question, [question])],
            )
        ],
        "has_ablation": hasattr(module, "ablation"),
        "ablation": {family: [backtest_table.interval(loss) for loss in losses] for family, losses in ablation.items()},
        "ablation_by_chance": backtest_table.by_chance(loss for losses in ablation.values() for loss in losses),
        "ablation_metrics": [legend.of(question, metric) for metric in backtest_table.ABLATED],
    }


def _drifted(kind: str, name: str, column: str) -> tuple[str, str, str]:
    """Of whom, what has moved, and the column's own name."""
    if kind == "score":
        return legend.TITLES[name], "what the model says", ""
    return WHOSE.get(name, name), columns.words(name, column), f"{name}.{column}"


def _figures(version: Version) -> list[tuple[Metric, float, float]]:
    """The model's figure and the best rule's, by what they are measured on."""
    found = [(legend.of(version.question, metric), values["model"], values["baseline"]) for metric, values in version.measured.items()]
    order = list(dict.fromkeys(metric.of for metric, *_ in found))
    return sorted(found, key=lambda figure: order.index(figure[0].of))


def _curves(version: Version) -> list[Plot]:
    """Of the days that were held out when the version was judged."""
    curves = version.curves
    return [plots.calibration(curves["promised"], curves["kept"]), plots.lift(curves["share"], curves["lift"])] if curves else []


def _importances(version: Version) -> list[Plot]:
    """Where the question's module tells them: `importances(model) -> column -> percent`."""
    module = import_module(f"ml.{version.question}")
    found = module.importances(version.load()) if hasattr(module, "importances") else {}
    told = [(columns.of_model(version.question, column), column, value) for column, value in found.items()]
    return [plots.importances(told)] if told else []


def _forecasts(connection: duckdb.DuckDBPyConnection, run: Run, version: Version) -> list[Plot]:
    if version.question != "demand":
        return []
    products = _rows(
        connection,
        f"""
        select coalesce(product_name, product_id), units_p10, units_mean, units_p90
        from predictions.demand_forecast left join marts.products using (product_id)
        where horizon_days = 30 order by units_mean desc, product_id limit {MOST_PRODUCTS}
        """,
    )
    found = [plots.intervals(*(list(column) for column in zip(*products, strict=True)), unit="units")] if products else []
    sold = _rows(
        connection,
        "select sale_date, sum(units)::double from marts.daily_product_sales where sale_date >= ? group by 1 order by 1",
        [run.as_of_date - timedelta(days=90)],
    )
    forecast = _rows(
        connection,
        "select sale_date, units_p10, units_mean, units_p90 from predictions.sales_forecast where level = 'total' order by 1",
    )
    return [*found, plots.daily(sold, forecast, "units")] if forecast else found


def _ablation(run: Run, question: str) -> dict[str, list[dict[str, Any] | None]]:
    """family -> the loss by each of ABLATED, from the newest `make backtest ABLATION=1` of the shop, where there was one."""
    files = sorted((run.shop.folder / "backtest").glob("backtest*.json"), key=lambda file: file.stat().st_mtime)
    told = [json.loads(file.read_text())["questions"].get(question, {}).get("ablation", {}) for file in files]
    found = next((ablation for ablation in reversed(told) if ablation), {})
    return {family: [losses.get(metric) for metric in backtest_table.ABLATED] for family, losses in found.items()}


def _rows(connection: duckdb.DuckDBPyConnection, query: str, parameters: list | None = None) -> list[tuple]:
    """None where a table is not there: not every shop has every prediction."""
    try:
        return connection.execute(query, parameters).fetchall()
    except duckdb.CatalogException:
        return []
