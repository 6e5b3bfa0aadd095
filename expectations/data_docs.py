"""Data Docs: one page a table as Great Expectations renders it, and an index of all gates. Plain HTML that needs no network.

Great Expectations' own site loads its styles, its icons and the very rows of its index from the web. So its documents are taken
as it renders them and put into the page and the style that lie in `templates/`.
"""

from itertools import groupby
from pathlib import Path

from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView

from expectations.results import Result
from expectations.validation import Checked
from forecart.durable import write_durably
from forecart.run import Run

TEMPLATES = Path(__file__).parent / "templates"


class OfflinePage(DefaultJinjaPageView):
    _template = "gate_page.j2"


def write(run: Run, gate_name: str, checked: list[Checked], latest: list[Result]) -> Path:
    """Write the gate's pages anew and the index of the latest check of every gate; returns the index."""
    folder = run.quality / "data_docs"
    (folder / gate_name).mkdir(parents=True, exist_ok=True)
    view = OfflinePage(custom_views_directory=str(TEMPLATES))
    renderer = ValidationResultsPageRenderer(run_info_at_end=False)
    for table in checked:
        page = folder / _page(gate_name, table.table)
        page.unlink(missing_ok=True)
        if table.account:
            page.write_text(view.render(renderer.render(table.account), run_key=run.key, gate=gate_name, table=table))
    gates = [
        (gate, [(name, list(rows), _page(gate, name)) for name, rows in groupby(of_gate, key=lambda row: row.table_name)])
        for gate, of_gate in groupby(latest, key=lambda row: row.gate)
    ]
    index = folder / "index.html"
    write_durably(index, view.env.get_template("gate_index.j2").render(run_key=run.key, gates=gates, pages=_pages(folder)))
    return index


def _page(gate_name: str, table: str) -> Path:
    return Path(gate_name) / f"{table}.html"


def _pages(folder: Path) -> set[Path]:
    """A table that could not be read has none."""
    return {page.relative_to(folder) for page in folder.glob("*/*.html")}
