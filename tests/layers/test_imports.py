"""Python keeps the rooms apart as well: who may import whom."""

import ast

import pytest

from forecart.settings import ROOT

# A room and the rooms whose code it may use. forecart is what they share; its command line stands above all.
MAY_USE = {
    "ingest": {"ingest", "privacy", "forecart"},
    "privacy": {"privacy", "ingest", "forecart"},
    "matching": {"matching", "forecart"},
    "sample_shop": {"sample_shop", "forecart"},
    "expectations": {"expectations", "forecart", "ingest"},
    "ml": {"ml", "forecart", "ingest"},
    "dags": {"forecart", "ingest", "privacy", "matching", "expectations", "ml"},
}
# The scores read both the truth and the house; what makes the sample shop knows nothing of the house, and no model anything of the truth.
MAY_USE_TOO = {
    "sample_shop/score.py": {"ingest", "privacy"},
    "sample_shop/scoring/who_and_what.py": {"privacy"},
    "ml/oracle.py": {"privacy"},
}
ROOMS = {"ingest", "privacy", "matching", "sample_shop", "expectations", "ml", "dags", "forecart", "tests"}


@pytest.mark.parametrize("room", MAY_USE)
def test_a_room_uses_only_the_rooms_before_it(room):
    for path in sorted((ROOT / room).rglob("*.py")):
        used = _imported(ast.parse(path.read_text())) & ROOMS
        name = str(path.relative_to(ROOT))
        not_its_own = used - MAY_USE[room] - MAY_USE_TOO.get(name, set())
        assert not not_its_own, f"{name} uses {', '.join(sorted(not_its_own))}"


def _imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found
