"""`make dbt-docs`: the data dictionary of a shop, and the lineage from its sources to what is published, as a web page."""

import json
import sys
from pathlib import Path

from forecart import dbt, settings
from forecart.cli.arguments import of_a_shop
from forecart.errors import ForecartError
from forecart.shop import load_shop


def main() -> int:
    parser = of_a_shop("dbt-docs", __doc__)
    parser.add_argument("--output", type=Path, default=settings.ROOT / "build" / "dbt-docs")
    given = parser.parse_args()
    try:
        shop = load_shop(given.shop)
    except ForecartError as error:
        print(error, file=sys.stderr)
        return 1
    from dbt.cli.main import dbtRunner

    project, folder = str(dbt.PROJECT), str(given.output)
    # Which staging models conformed reads is the shop's; without them lineage ends where conformed begins.
    variables = json.dumps(dbt.of_the_shop(shop))
    options = ["--vars", variables, "--project-dir", project, "--profiles-dir", project, "--target-path", folder, "--log-path", folder]
    if not dbtRunner().invoke(["docs", "generate", "--static", "--empty-catalog", "--quiet", *options]).success:
        return 1
    page = given.output / "index.html"
    page.with_name("static_index.html").replace(page)  # dbt's own one reads files beside it, which a browser allows to no page on a disk
    print(f"written to {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
