"""`make query`: ask the published file, by the number of an example question or in SQL."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from forecart import settings
from forecart.cli.arguments import of_a_shop
from forecart.errors import ForecartError
from forecart.run import parse_date
from forecart.shop import load_shop

QUESTIONS = settings.ROOT / "docs" / "questions"
SHOWN_ROWS = 50


@dataclass(frozen=True)
class Question:
    title: str
    sql: str


def questions() -> list[Question]:
    """The example questions, docs/questions/*.sql in order; the first line of each is its title, as an SQL comment."""
    return [_question(path) for path in sorted(QUESTIONS.glob("*.sql"))]


def _question(path: Path) -> Question:
    title, _, sql = path.read_text().partition("\n")
    return Question(title.removeprefix("--").strip(), sql.strip())


def main() -> int:
    arguments = _arguments()
    console = Console(highlight=False)
    try:
        with open_published(arguments.shop, arguments.as_of) as connection:
            if arguments.sql:
                _show(console, connection, arguments.sql)
            elif arguments.question is not None:
                _ask(console, connection, str(arguments.question))
            else:
                _print_tables(console, connection)
                _print_questions(console)
                if sys.stdin.isatty() and not arguments.list:
                    _talk(console, connection)
                else:
                    console.print('\nAsk with --question N or --sql "select …".')
    except ForecartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def open_published(shop: str, as_of: str | None = None) -> duckdb.DuckDBPyConnection:
    """The published file, read-only. The link is resolved once, so a version published meanwhile changes nothing here."""
    folder = load_shop(shop).folder
    file = (folder / "as_of" / parse_date(as_of).isoformat() if as_of else folder / "published") / "forecart.duckdb"
    if not file.exists():
        command = f"make run SHOP={shop} AS_OF={as_of}" if as_of else f"make run SHOP={shop}"
        raise ForecartError(f"{shop}: expected a published file {file}, found none; `{command}` makes it")
    return duckdb.connect(str(file.resolve()), read_only=True)


def _arguments() -> argparse.Namespace:
    parser = of_a_shop("query", __doc__)
    parser.add_argument("--as-of", metavar="YYYY-MM-DD", help="the file of a historical run; default: the live one")
    parser.add_argument("--list", action="store_true", help="show tables and example questions, and end")
    parser.add_argument("--question", type=int, metavar="N", help="answer an example question")
    parser.add_argument("--sql", help="answer a query in SQL")
    return parser.parse_args()


def _print_tables(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    version = dict(connection.execute("select item, value from about where topic = 'version'").fetchall())
    console.print(f"{version['shop']}, version {version['version']}, predicts from {version['as_of_date']}\n")
    tables = connection.execute(
        """
        select if(schema_name = 'main', '', schema_name || '.') || table_name, comment from duckdb_tables()
        order by list_position(['main', 'predictions', 'marts', 'quality'], schema_name), table_name
        """
    ).fetchall()
    shown = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    shown.add_column(no_wrap=True)
    shown.add_column()
    for name, comment in tables:
        shown.add_row(name, escape(comment))
    console.print(shown)


def _print_questions(console: Console) -> None:
    console.print()
    for number, question in enumerate(questions(), start=1):
        console.print(f"{number:>3}  {question.title}")


def _talk(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    import readline  # noqa: F401  # gives input() a history and arrow keys

    console.print("\nType a number or SQL; ? lists the questions again, an empty line ends.")
    while True:
        try:
            asked = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if not asked:
            return
        try:
            if asked == "?":
                _print_questions(console)
            elif asked.isdecimal():
                _ask(console, connection, asked)
            else:
                _show(console, connection, asked)
        except ForecartError as error:
            console.print(escape(str(error)), style="red")


def _ask(console: Console, connection: duckdb.DuckDBPyConnection, number: str) -> None:
    known = questions()
    if not 1 <= int(number) <= len(known):
        raise ForecartError(f"expected a question from 1 to {len(known)}, found {number}")
    question = known[int(number) - 1]
    console.print(f"\n[bold]{question.title}[/]\n")
    console.print(escape(question.sql), style="dim")
    _show(console, connection, question.sql)


def _show(console: Console, connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    try:
        answer = connection.sql(sql)
        rows = answer.limit(SHOWN_ROWS + 1).fetchall() if answer else []
    except (duckdb.Error, RuntimeError) as error:  # of Ctrl-C DuckDB makes a RuntimeError: Query interrupted
        raise ForecartError(str(error)) from None
    if answer is None:
        return
    shown = Table(box=None, padding=(0, 2, 0, 0))
    for name, kind in zip(answer.columns, answer.types, strict=True):
        is_number = kind.id in NUMBERS
        shown.add_column(escape(name), justify="right" if is_number else "left", header_style="bold")
    for row in rows[:SHOWN_ROWS]:
        shown.add_row(*("" if value is None else escape(str(value)) for value in row))
    console.print()
    console.print(shown)
    if len(rows) > SHOWN_ROWS:
        console.print(f"… only the first {SHOWN_ROWS} rows are shown", style="dim")


NUMBERS = {
    "tinyint",
    "smallint",
    "integer",
    "bigint",
    "hugeint",
    "utinyint",
    "usmallint",
    "uinteger",
    "ubigint",
    "float",
    "double",
    "decimal",
}


if __name__ == "__main__":
    sys.exit(main())
