"""Make the sample shop: `make sample-shop SCALE=1 SEED=1`."""

import argparse
import sys
import time

from sqlalchemy.exc import SQLAlchemyError

from forecart import settings
from forecart.errors import ForecartError
from forecart.run import parse_date
from sample_shop import days, world


def main() -> int:
    parser = argparse.ArgumentParser(prog="make sample-shop", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.2, help="1 is 10,000 customers, 2,000 products, three years")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--customers", type=int, help="the number of customers, instead of the scale's")
    parser.add_argument("--drift", nargs="?", const=days.DRIFT, help=f"the day on which tastes change, {days.DRIFT}")
    parser.add_argument("--shop-db", help="a database URL for the shop's database, instead of SQLite in the shop's folder")
    parser.add_argument("--only", action="append", help="write this source system alone (may be given again)")
    parser.add_argument("--world-only", action="store_true", help="no source systems: the clean world and its truth")
    parser.add_argument("--if-missing", action="store_true", help="leave a shop that is there as it is, whatever its size")
    given = parser.parse_args()
    systems = () if given.world_only else tuple(given.only or world.SYSTEMS)
    begun = time.monotonic()
    try:
        drift = parse_date(given.drift) if given.drift else None
        is_made = world.ensure(
            settings.data_folder(), given.scale, given.seed, given.customers, drift, given.shop_db, systems, given.if_missing
        )
    except (ForecartError, SQLAlchemyError) as error:
        print(error, file=sys.stderr)
        return 1
    place = settings.data_folder() / world.FOLDER
    print(f"The sample shop is made: {place} ({time.monotonic() - begun:.0f} s)" if is_made else f"The sample shop is there: {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
