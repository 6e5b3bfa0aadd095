"""`make check-shop`: what a shop's declarations and staging models still lack. Ends with 1 where something must be done."""

import sys

from rich.console import Console
from rich.table import Table

from forecart.cli.arguments import of_a_shop
from forecart.errors import ForecartError
from forecart.shop import load_shop
from forecart.terminal import kept_for_people
from ingest.check import Report, check


def main() -> int:
    parser = of_a_shop("check-shop", __doc__)
    name = parser.parse_args().shop
    try:
        shop = load_shop(name)
        with kept_for_people(shop.folder / "logs" / "check-shop.log"):
            report = check(shop)
    except ForecartError as error:
        print(error, file=sys.stderr)
        return 1
    _tell(name, report)
    return 0 if report.is_complete else 1


def _tell(shop: str, report: Report) -> None:
    console = Console()
    table = Table(box=None, padding=(0, 2, 0, 0))
    columns = {
        "entity": [one.entity for one in report.given],
        "system": [one.system for one in report.given],
        "must be added": [", ".join(one.missing) for one in report.given],
        "not asked for": [", ".join(one.unknown) for one in report.given],
        "could be added": [", ".join(one.left_out) for one in report.given],
    }
    told = {column: values for column, values in columns.items() if any(values)}  # an empty column takes the place that names need
    for column in told:
        table.add_column(column, no_wrap=column in ("entity", "system"), overflow="fold")
    for row in zip(*told.values(), strict=True):
        table.add_row(*row)
    console.print(table)
    if report.absent:
        console.print(f"\nWithout a source: {', '.join(report.absent)}.", highlight=False)
    for problem in report.problems:
        console.print(f"Missing: {problem}", highlight=False, markup=False, soft_wrap=True)
    verdict = "has all that it needs" if report.is_complete else "is not complete"
    console.print(f"\n{shop} {verdict}; docs/add-a-source.md says what each column means.")


if __name__ == "__main__":
    sys.exit(main())
