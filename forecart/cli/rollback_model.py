"""`make rollback-model`: let a question's champion before the one that serves serve again."""

import sys

from forecart.cli.arguments import of_a_shop
from forecart.errors import ForecartError
from forecart.shop import load_shop


def main() -> int:
    from ml import QUESTIONS, registry

    parser = of_a_shop("rollback-model", __doc__)
    parser.add_argument("--question", required=True, choices=QUESTIONS)
    given = parser.parse_args()
    try:
        back, withdrawn = registry.rollback(load_shop(given.shop), given.question)
    except ForecartError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{back.label} serves {given.question} from the next run on; {withdrawn.label} is withdrawn.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
