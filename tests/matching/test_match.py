"""Products of two catalogues are matched by what speaks for them, and never by what is absent or the same for all."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from matching import NotMatchable, duplicates, match
from matching.blocking import MOST_CARRIERS, nearest
from matching.catalogue import read
from matching.compare import weigh
from matching.synthetic import catalogues

GTIN = "4006381333931"


@pytest.fixture(scope="module")
def worlds():
    return catalogues(600)


def of(**columns) -> pd.DataFrame:
    rows = len(next(iter(columns.values())))
    return pd.DataFrame({"id": [f"p{row}" for row in range(rows)], **columns})


def pairs(found: pd.DataFrame) -> set[tuple]:
    return set(zip(found["left_id"], found["right_id"], strict=True))


def figures(found: pd.DataFrame, truth: set) -> tuple[float, float]:
    correct = len(pairs(found) & truth)
    return correct / max(1, len(found)), correct / max(1, len(truth))


def test_matching_finds_the_pairs_of_catalogues_written_by_two_offices(worlds):
    left, right, truth = worlds
    precision, recall = figures(match(left, right), truth)
    assert precision > 0.97 and recall > 0.9


def test_products_without_a_partner_get_none(worlds):
    left, right, truth = worlds
    kept = right[right["id"] % 3 == 0]
    precision, _ = figures(match(left, kept), truth)
    assert precision > 0.95


def test_catalogues_that_have_nothing_in_common_stay_apart(worlds):
    left, right, _ = worlds
    assert len(match(left[left["id"] % 2 == 0], right[right["id"] % 2 == 1])) <= 6  # of 300


def test_a_product_is_in_one_pair_at_most_and_a_score_is_a_probability(worlds):
    left, right, _ = worlds
    found = match(left, right)
    assert found["left_id"].is_unique and found["right_id"].is_unique
    assert found["score"].between(0.8, 1).all() and found["reason"].str.len().gt(0).all()


def test_the_order_of_rows_and_another_run_change_nothing(worlds):
    left, right, _ = worlds
    assert pairs(match(left, right)) == pairs(match(left.sort_values("id"), right)) == pairs(match(pa.Table.from_pandas(left), right))


def test_one_trade_item_number_joins_whatever_the_names_say():
    found = match(of(name=["Blue mug", "Tea"], gtin=[GTIN, None]), of(name=["Becher", "Teekanne"], gtin=[None, GTIN]))
    assert found.to_dict("records") == [{"left_id": "p0", "right_id": "p1", "score": 1.0, "reason": "same GTIN"}]


def test_two_trade_item_numbers_are_two_products_whatever_the_names_say():
    assert match(of(name=["Acme kettle KX100"], gtin=[GTIN]), of(name=["Acme kettle KX100"], gtin=["036000291452"])).empty


def test_variants_are_told_apart_by_size_and_by_colour():
    assert match(of(name=["Acme shampoo fresh 400 ml"]), of(name=["Acme shampoo fresh 250 ml"])).empty
    assert match(of(name=["Acme kettle steel black"]), of(name=["Acme kettle steel white"])).empty
    assert len(match(of(name=["Acme kettle steel black"]), of(name=["Kettle steel black Acme"]))) == 1


def test_a_variant_in_another_colour_has_no_partner(worlds):
    left, _, _ = worlds
    named = left["name"].str.rsplit(" ", n=1).str[0]  # without the model number
    other = named.where(left["id"] % 3 != 0, named.str.replace(r"(black|white|red|blue|silver|green)$", "purple", regex=True))
    found = match(left.assign(name=named), left.assign(name=other))
    assert len(found) > 200
    assert not (found["left_id"] % 3 == 0).any()


def test_a_placeholder_joins_nobody():
    many = of(name=["Unknown"] * 5_000, gtin=[GTIN] * 5_000)
    assert duplicates(many).empty
    assert len(match(many, many)) <= 1


def test_within_one_catalogue_names_merge_nothing_and_identifiers_do():
    one = of(name=["Apples", "Apples", "Pears", "Pears"], gtin=[None, None, GTIN, GTIN])
    assert pairs(duplicates(one)) == {("p2", "p3")}
    assert pairs(duplicates(of(name=["Mug", "Becher"], brand=["Acme", "ACME"], model_number=["K-1", "k1"]))) == {("p0", "p1")}
    assert duplicates(of(name=["Mug", "Becher"], brand=["Acme", "Other"], model_number=["K-1", "k1"])).empty


def test_an_offer_made_twice_under_one_identifier_is_of_one_product():
    found = match(of(name=["Acme mug"], gtin=[GTIN]), of(name=["Acme mug", "ACME MUG!"], gtin=[GTIN, GTIN]))
    assert pairs(found) == {("p0", "p0"), ("p0", "p1")}


@pytest.mark.parametrize("nothing", [None, np.nan, ""])
def test_without_names_nothing_is_matched_and_it_ends(nothing):
    empty = of(name=[nothing] * 40, brand=[None] * 40, model_number=[None] * 40, gtin=[None] * 40, price=[None] * 40)
    assert match(empty, empty).empty
    assert match(empty, of(name=["Acme kettle"] * 2)).empty


def test_an_empty_side_gives_no_pairs():
    some = of(name=["Acme kettle"])
    assert match(some, some.iloc[:0]).empty and match(some.iloc[:0], some).empty and duplicates(some.iloc[:0]).empty


@pytest.mark.parametrize("broken", [pd.DataFrame({"name": ["x"]}), pd.DataFrame({"id": ["a", "a"]}), pd.DataFrame({"id": ["a", None]})])
def test_ids_that_name_no_single_row_are_refused(broken):
    with pytest.raises(NotMatchable, match="left catalogue"):
        match(broken, of(name=["x"]))


def test_a_product_is_compared_with_few_however_many_there_are(worlds):
    left, right, _ = worlds
    weights = weigh(read(left, "left"), read(right, "right"))
    rows, columns = nearest(*weights.for_blocking(), 3)
    assert len(rows) <= 3 * (len(left) + len(right))
    assert len(set(zip(rows, columns, strict=True))) == len(rows)


def test_a_term_that_all_carry_brings_no_pair():
    same = of(name=["Acme"] * (MOST_CARRIERS + 1))
    weights = weigh(read(same, "left"), read(same, "right"))
    assert len(nearest(*weights.for_blocking(), 10)[0]) == 0


def test_common_words_find_a_pair_together():
    names = [f"brand{brand} series{series}" for brand in "abcdefghij" for series in "klmnopqrst"]
    # So many other products carry a brand, or are of a series, that neither word finds anybody alone.
    crowd = [f"{name.split()[number % 2]} thing{number:05}" for number, name in enumerate(names * 25)]
    left = of(name=[*names, *crowd])
    right = of(name=[*names[::-1], *(name.replace("thing", "item") for name in crowd)])
    weights = weigh(read(left, "left"), read(right, "right"))
    found = set(zip(*nearest(*weights.for_blocking(), 10), strict=True))
    assert {(row, len(names) - 1 - row) for row in range(len(names))} <= found
