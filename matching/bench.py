"""Precision, recall and F1 of product matching against truth, beside simple baselines, and its time by size; `make product-bench`."""

import argparse
import json
import logging
import resource
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.feature_extraction.text import TfidfVectorizer

from forecart import settings
from forecart.errors import ForecartError
from forecart.words import counted
from matching import match, synthetic, text
from matching.blocking import nearest
from matching.calibrate import Pairs, mutual_best

SIZES = (10_000, 50_000, 100_000, 200_000)
TARGETS = {"abt-buy": {"f1": 0.92, "precision": 0.93}}

Truth = set[tuple]


@dataclass
class Result:
    """One method on one pair of catalogues; seconds are of the CPU."""

    data: str
    method: str
    products: int
    precision: float
    recall: float
    f1: float
    seconds: float
    peak_mb: int
    target_f1: float | None = None
    target_precision: float | None = None


def by_model_number(left: pd.DataFrame, right: pd.DataFrame) -> Truth:
    """Baseline: a model number or trade item number that one product of either side carries, and no other."""
    one, other = _carriers(left), _carriers(right)
    return {(one[value][0], other[value][0]) for value in one.keys() & other.keys() if len(one[value]) == len(other[value]) == 1}


def _carriers(catalogue: pd.DataFrame) -> dict[str, list]:
    found: dict[str, list] = {}
    for product in catalogue.to_dict("records"):
        told = {value for value in (product.get("gtin"), product.get("model_number")) if isinstance(value, str)}
        for value in told | text.codes(text.plain(product["name"])):
            found.setdefault(value, []).append(product["id"])
    return found


def by_words(left: pd.DataFrame, right: pd.DataFrame) -> Truth:
    """Baseline: TF-IDF of the words of names, mutual best."""
    names = [*left["name"], *right["name"]]
    weights = TfidfVectorizer().fit_transform(names)
    one, other = weights[: len(left)], weights[len(left) :]
    rows, columns = nearest(one, other, 1)
    likeness = np.asarray(one[rows].multiply(other[columns]).sum(axis=1)).ravel()
    chosen, _ = mutual_best(Pairs(rows, columns, likeness[:, None]), likeness)
    return set(zip(left["id"].to_numpy()[rows[chosen]], right["id"].to_numpy()[columns[chosen]], strict=True))


def by_matching(left: pd.DataFrame, right: pd.DataFrame) -> Truth:
    """The library."""
    found = match(left, right)
    return set(zip(found["left_id"], found["right_id"], strict=True))


METHODS: dict[str, Callable] = {"identifiers alone": by_model_number, "word TF-IDF": by_words, "matching": by_matching}


def measure(data: str, left: pd.DataFrame, right: pd.DataFrame, truth: Truth, methods: Iterable[str] = METHODS) -> list[Result]:
    """Each method's figures on one pair of catalogues."""
    found = []
    for method in methods:
        begun = time.process_time()
        pairs = METHODS[method](left, right)
        seconds = time.process_time() - begun
        right_ones = len(pairs & truth)
        found.append(
            Result(
                data,
                method,
                len(left) + len(right),
                round(right_ones / max(1, len(pairs)), 4),
                round(right_ones / max(1, len(truth)), 4),
                round(2 * right_ones / max(1, len(pairs) + len(truth)), 4),
                round(seconds, 1),
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                TARGETS.get(data, {}).get("f1"),
                TARGETS.get(data, {}).get("precision"),
            )
        )
    return found


def two_files(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, Truth]:
    """A published benchmark: two catalogues (id, name, description, price; parted by |) and the pairs that are one, as D1 and D2, in gt.csv."""
    truth, catalogues = folder / "gt.csv", sorted(path for path in folder.glob("*.csv") if path.name != "gt.csv")
    if not truth.exists() or len(catalogues) != 2:
        raise ForecartError(f"{folder}: expected gt.csv and two catalogues, found {counted(len(catalogues), 'catalogue')}")
    left, right = (pd.read_csv(path, sep="|") for path in catalogues)
    pairs = pd.read_csv(truth, sep="|")
    return left, right, set(zip(pairs["D1"], pairs["D2"], strict=True))


def half_without_partner(left: pd.DataFrame, right: pd.DataFrame, truth: Truth, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, Truth]:
    """A random half of either side: half of what is left has no partner, and must get none."""
    rng = np.random.default_rng(seed)
    left, right = (side[rng.random(len(side)) < 0.5] for side in (left, right))
    kept = set(left["id"]), set(right["id"])
    return left, right, {pair for pair in truth if pair[0] in kept[0] and pair[1] in kept[1]}


def sample_shop(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, Truth]:
    """The sample shop's catalogue and its second supplier's offers, as they were written, and the numbers under which each product goes."""
    records = [json.loads(path.read_text())["products"] for path in sorted((folder / "sources/catalogue").rglob("products.json"))]
    left = pd.DataFrame([record for batch in records for record in batch]).rename(columns={"product_id": "id"})
    left["price"] = [price.get("amount") if isinstance(price, dict) else None for price in left["price"]]
    right = pd.read_csv(folder / "sources/supplier/preisliste.csv", sep=";", encoding="latin-1", dtype=str, decimal=",")
    right = right.rename(
        columns={
            "Artikelnummer": "id",
            "EAN": "gtin",
            "Hersteller-Nr.": "model_number",
            "Bezeichnung": "name",
            "Marke": "brand",
            "EK-Preis": "price",
        }
    )
    right["price"] = right["price"].str.replace(",", ".")
    truth = duckdb.sql(f"""
        select catalogue.source_id, supplier.source_id
        from '{folder}/truth/product_numbers.parquet' as catalogue
        inner join '{folder}/truth/product_numbers.parquet' as supplier using (product_id)
        where catalogue.system = 'catalogue' and supplier.system = 'supplier'""").fetchall()
    left, right = (side[side["id"].notna()].drop_duplicates("id", keep="last") for side in (left, right))
    return left, right, set(truth)


def main() -> None:
    """Print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--benchmark", type=Path, help="a folder of two catalogues and gt.csv, named abt-buy in the table")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    results: list[Result] = []
    if arguments.benchmark:
        try:
            data = two_files(arguments.benchmark)
        except ForecartError as error:
            sys.exit(str(error))
        results += measure("abt-buy", *data)
        results += measure("abt-buy, half without partner", *half_without_partner(*data))
    if (shop := settings.data_folder() / "sample_shop").exists():
        left, right, truth = sample_shop(shop)
        results += measure("sample shop", left, right, truth)
        bare = [side.drop(columns=["gtin", "model_number"]) for side in (left, right)]
        results += measure("sample shop, no identifiers", *bare, truth, ["word TF-IDF", "matching"])
    for size in arguments.sizes:
        results += measure(f"synthetic, {size:,} a side", *synthetic.catalogues(size), ["matching"])
    _show(results)
    target = settings.data_folder() / "product_bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps([asdict(result) for result in results], indent=2))
    print(f"As JSON: {target}")


def _show(results: list[Result]) -> None:
    table = Table("data", "method", "precision", "target", "recall", "F1", "target", "CPU s", "peak MB")
    for result in results:
        figures = [
            f"{value:.3f}" if value is not None else ""
            for value in (result.precision, result.target_precision, result.recall, result.f1, result.target_f1)
        ]
        table.add_row(result.data, result.method, *figures, f"{result.seconds:.1f}", str(result.peak_mb))
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
