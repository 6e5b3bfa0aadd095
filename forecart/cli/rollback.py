"""`make rollback`: let the version before the one that serves serve again."""

import sys

from forecart.cli.arguments import of_a_shop
from forecart.errors import ForecartError
from forecart.publish import rollback
from forecart.shop import load_shop


def main() -> int:
    parser = of_a_shop("rollback", __doc__)
    try:
        back = rollback(load_shop(parser.parse_args().shop))
    except ForecartError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Version {back['version']} (as of {back['as_of_date']}) serves; version {back['withdrawn']} is withdrawn. {back['path']}")
    print("A run with nothing new leaves it so; the next new data is published as a new version.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
