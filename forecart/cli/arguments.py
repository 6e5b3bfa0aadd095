"""What the commands of a shop share: its name on the command line."""

import argparse
import sys

from forecart.errors import ForecartError
from forecart.shop import declared_shops


def of_a_shop(command: str, about: str | None) -> argparse.ArgumentParser:
    """Arguments of `make <command>`, with --shop; where shops.yml cannot be understood, it ends here and says why."""
    try:
        default = next(iter(declared_shops()))
    except ForecartError as error:
        sys.exit(str(error))
    parser = argparse.ArgumentParser(prog=f"make {command}", description=about)
    parser.add_argument("--shop", default=default)
    return parser
