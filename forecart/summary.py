"""What a shop manager reads at the end of a run, told from the published file alone."""

from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from forecart import freshness
from forecart.about import UNANSWERED
from forecart.publish import published_file
from forecart.run import Run
from forecart.words import chance, counted
from ml.gates import ENOUGH_DATA

# The plainest metric of each question, and the words that take the figure of what answers, and those that take the best simple rule's.
IN_WORDS = {
    "purchase": (
        "precision_at_10",
        10,
        "Of ten recommended products a customer buys {model:.2f} in 30 days",
        "of a simple rule's ten {baseline:.2f}",
    ),
    "demand": (
        "product_30d_wape",
        1,
        "The forecasts of products miss by {model:.1%} of the units sold in 30 days",
        "a simple rule's by {baseline:.1%}",
    ),
    "value": (
        "mae",
        0.01,
        "What a customer spends in 30 days is missed by {model:,.2f} on average",
        "by a simple rule {baseline:,.2f}",
    ),
    "churn": (
        "auc",
        1,
        "Of one who leaves and one who stays, the right one is named {model:.1%} of the time",
        "by a simple rule {baseline:.1%}",
    ),
}
SHOWN_WARNINGS = 4


def print_summary(run: Run, console: Console | None = None) -> None:
    """Gates, models against baselines, examples of each prediction, and where to read on. Shows what the file holds and no more."""
    console = console or Console(highlight=False)
    file = published_file(run)
    with duckdb.connect(str(file.resolve()), read_only=True) as connection:
        answered = freshness.questions(connection)
        about = _about(connection)
        _print_head(console, about)
        for line in _gates(about):
            console.print(line)
        for question in answered:
            console.print(f"  {question}: {model_against_baseline(connection, question)}")
        for question in freshness.of_nobody(connection):
            console.print(f"  {question}: {UNANSWERED}.")
        examples = {"purchase": _recommendations, "demand": _demand, "value": _most_valuable, "churn": _at_risk}
        for question in answered:
            console.print()
            examples[question](console, connection)
    _print_places(console, run, file)


def model_against_baseline(connection: duckdb.DuckDBPyConnection, question: str) -> str:
    """One sentence; the plainest metric there is of the model whose answers are published."""
    version = freshness.model_version(connection, question)
    metric, scale, of_ours, of_the_best_rule = IN_WORDS[question]
    model, baseline = connection.execute(
        "select avg(model), avg(baseline) from quality.model_metrics where question = ? and model_version = ? and metric = ?",
        [question, version, metric],
    ).fetchone()
    answers = "A simple rule answers. " if version.endswith("baseline") else ""
    if model is None:
        return answers + _not_measured(connection, question)
    # Which rule answers is a choice of its own (ml/churn.py), so that on this metric, in these windows, another may have been better.
    words = f"{of_ours}." if answers else f"{of_ours}; {of_the_best_rule}."
    return answers + words.format(model=scale * model, baseline=scale * baseline)


def _not_measured(connection: duckdb.DuckDBPyConnection, question: str) -> str:
    """What the training found missing, where that is why there is no model."""
    found = connection.execute(
        "select found from quality.model_checks where question = ? and check_name = ? and not is_passed", [question, ENOUGH_DATA]
    ).fetchone()
    return f"{found[0][:1].upper()}{found[0][1:]}." if found else "Not measured against a simple rule."


def _about(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for topic, item, value in connection.execute("from about").fetchall():
        found.setdefault(topic, []).append((item, value))
    return found


def _print_head(console: Console, about: dict[str, list[tuple[str, str]]]) -> None:
    version = dict(about["version"])
    console.print()
    console.rule(f"[bold]{version['shop']}, version {version['version']}")
    console.print(version["description"])
    until = ", ".join(f"{source} until {day}" for source, day in about.get("data until", []))
    console.print(f"Predicts from {version['as_of_date'].partition(' ')[0]} ({version['kind'].partition(':')[0]}); knows {until}.")
    console.print()


def _gates(about: dict[str, list[tuple[str, str]]]) -> list[str]:
    warnings = [f"  [yellow]warning[/] {escape(value)}" for _, value in about.get("warning", [])]
    hidden = len(warnings) - SHOWN_WARNINGS
    more = [f"  and {counted(hidden, 'more warning')}: see Data Docs"] if hidden > 0 else []
    return [f"  gate {gate} {told}" for gate, told in about["gate"]] + warnings[:SHOWN_WARNINGS] + more


def _recommendations(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    customer_id, orders = connection.execute(
        """
        select customer_id, count_orders from marts.customers semi join predictions.product_recommendations using (customer_id)
        order by count_orders desc, customer_id limit 1
        """
    ).fetchone()
    rows = connection.execute(
        """
        select product_name, category, probability from predictions.product_recommendations inner join marts.products using (product_id)
        where customer_id = ? order by rank limit 5
        """,
        [customer_id],
    ).fetchall()
    title = f"What customer {customer_id} ({counted(orders, 'order')} so far) will buy next"
    _print_table(console, title, ["product", "category", "chance"], [(name, category, chance(bought)) for name, category, bought in rows])


def _demand(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        """
        select product_name, category, units_mean, units_p10, units_p90
        from predictions.demand_forecast inner join marts.products using (product_id)
        order by units_mean desc, product_id limit 10
        """
    ).fetchall()
    told = [(name, category, f"{mean:,.0f}", f"{low:,.0f} to {high:,.0f}") for name, category, mean, low, high in rows]
    _print_table(console, "What will sell most in the next 30 days", ["product", "category", "units", "8 of 10 times"], told)


def _most_valuable(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        """
        select customer_id, expected_sales_cents_30d, sales_cents_30d from predictions.customer_value
        order by expected_sales_cents_30d desc, customer_id limit 5
        """
    ).fetchall()
    told = [(customer, f"{expected / 100:,.2f}", f"{spent / 100:,.2f}") for customer, expected, spent in rows]
    _print_table(console, "Who will spend most in the next 30 days", ["customer", "expected", "last 30 days"], told)


def _at_risk(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        """
        select customer_id, churn_probability, last_order_date, count_orders
        from predictions.churn_risk inner join marts.customers using (customer_id)
        order by churn_probability desc, sales_cents desc, customer_id limit 10
        """
    ).fetchall()
    told = [(customer, chance(risk), str(last), str(orders)) for customer, risk, last, orders in rows]
    title = "Customers most likely to buy nothing in the next 30 days"
    _print_table(console, title, ["customer", "risk", "last order", "orders"], told)


def _print_table(console: Console, title: str, columns: list[str], rows: list[tuple[str, ...]]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 2))
    for column in columns:
        is_text = column in ("product", "category", "customer")
        table.add_column(column, justify="left" if is_text else "right", no_wrap=not is_text, header_style="dim")
    for row in rows:
        table.add_row(*(escape(value or "") for value in row))
    console.print(table)


def _print_places(console: Console, run: Run, file: Path) -> None:
    places = {
        "Published file": file,
        "Manifest": file.with_name("manifest.json"),
        "Data Docs": run.quality / "data_docs" / "index.html",
        "dbt's run": run.folder / "dbt",
        "Models": run.shop.models,
    }
    console.print()
    for name, path in places.items():
        if path.exists():
            console.print(f"{name}: {path}", soft_wrap=True)  # unbroken, so that it can be copied
    console.print("Ask it: `make query`. One version back: `make rollback`.", soft_wrap=True)
