"""The data dictionary is of the shop that was asked for, whole, on one page."""

import json
import subprocess
import sys

from forecart.settings import ROOT


def make(shop: str, *options: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "forecart.cli.dbt_docs", "--shop", shop, *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_the_page_holds_the_lineage_of_the_shops_own_sources(tmp_path):
    assert make("sample", "--output", str(tmp_path)).returncode == 0
    told = json.loads((tmp_path / "manifest.json").read_text())["parent_map"]
    assert "model.forecart.stg_shop_db__orders" in told["model.forecart.conformed__orders_judged"]
    assert "stg_shop_db__orders" in (tmp_path / "index.html").read_text()  # a page that reads other files cannot be opened from a disk


def test_an_unknown_shop_is_told_in_a_line():
    said = make("nonsense").stderr
    assert said == "there is no shop 'nonsense' in shops.yml: it has sample, complete_journey, online_retail\n"
