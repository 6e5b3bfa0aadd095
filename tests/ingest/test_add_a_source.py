"""docs/add-a-source.md is the house's word on declarations, so it must know them all."""

import dataclasses
import re

from forecart import dbt
from forecart.settings import ROOT
from ingest import systems

GUIDE = (ROOT / "docs" / "add-a-source.md").read_text()


def test_the_guide_lists_every_column_that_the_conformed_layer_asks_for_and_says_what_it_means():
    for entity, columns in dbt.contract().items():
        table = GUIDE.partition(f"\n### {entity}\n")[2].partition("\n### ")[0]
        rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (required)? ?\| (.*) \|$", table, re.MULTILINE)
        told = {
            name: {"type": kind, **({"required": True} if required else {}), "meaning": meaning} for name, kind, required, meaning in rows
        }
        assert told == columns, entity


def test_the_guide_explains_every_word_of_a_declaration():
    words = {field.name for kind in (systems.Entity, systems.Column, systems.Cursor, systems.Csv, systems.Rest, systems.Volume)
             for field in dataclasses.fields(kind)} - {"system", "name", "columns", "description", "source"}  # fmt: skip
    assert not {word for word in words if f"`{word}`" not in GUIDE}
