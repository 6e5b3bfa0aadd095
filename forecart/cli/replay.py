"""`make replay`: judge the rows in quarantine anew, after a declaration was put right; what is good now serves from the next run on."""

import sys

from forecart.cli.arguments import of_a_shop
from forecart.errors import ForecartError
from forecart.shop import load_shop
from forecart.words import counted
from ingest.replay import replay


def main() -> int:
    parser = of_a_shop("replay", __doc__)
    try:
        done = replay(load_shop(parser.parse_args().shop))
    except ForecartError as error:
        print(error, file=sys.stderr)
        return 1
    for load in done:
        print(
            f"{load['system']}.{load['entity']}  load {load['load_id']}  {load['readmitted']:,} re-admitted, {load['quarantined']:,} stay"
        )
    count = sum(load["readmitted"] for load in done)
    taken_on = " `make run` takes them on." if count else ""
    print(f"{counted(count, 'row')} re-admitted.{taken_on}" if done else "No row is in quarantine.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
