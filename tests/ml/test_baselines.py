"""The baselines against values worked out by hand, and what holds for all of them."""

from datetime import timedelta

import numpy as np
import pytest

from forecart import warehouse
from ml.baselines import decayed_frequency, fallback, history, item_neighbours, popular, tifu_knn, top_frequency, up_cf
from ml.baselines.history import History
from tests.ml import world


def shop(*orders: tuple[int, int, list[int]]) -> History:
    """Orders of (customer, age in days, products); products are numbered in order of popularity."""
    rows = []
    for customer in sorted({order[0] for order in orders}):
        own = sorted((age, products) for who, age, products in orders if who == customer)
        rows += [(customer, product, age, place) for place, (age, products) in enumerate(own) for product in products]
    customer, product, age_days, age_orders = (np.array(column) for column in zip(*rows, strict=True))
    recent = {(who, what) for who, what, age, _ in rows if age <= history.POPULAR_DAYS}
    names = np.array([f"c{who}" for who in range(customer.max() + 1)])
    products = np.array([f"p{what}" for what in range(product.max() + 1)])
    popularity = np.array([sum(what == place for _, what in recent) for place in range(len(products))])
    return History(names, products, customer, product, age_days, age_orders, popularity)


SMALL = shop((0, 1, [0, 1]), (0, 10, [0]), (0, 60, [0, 2]), (1, 2, [0, 3]), (2, 5, [0]), (2, 50, [4]))


def test_frequency_counts_orders_and_popularity_decides_between_equals():
    scores = top_frequency.fit(SMALL).score(np.array([0]))[0]
    assert np.floor(scores).tolist() == [3, 1, 1, 0, 0]
    assert scores[1] > scores[2]  # the first was bought by somebody in 30 days


def test_an_order_fades_with_its_age():
    scores = decayed_frequency.fit(SMALL, tau_days=30).score(np.array([0]))[0]
    assert scores[2] == pytest.approx(np.exp(-60 / 30), abs=1e-3)
    assert scores[1] == pytest.approx(np.exp(-1 / 30), abs=1e-3)


@pytest.mark.parametrize("cells", [1, 10, 1000])
def test_lists_are_the_same_in_batches_of_any_size(cells, monkeypatch):
    scorer = top_frequency.fit(SMALL)
    whole, of_whole = history.best(SMALL, scorer.score(np.arange(3)), 4)
    monkeypatch.setattr(history, "MOST_CELLS", cells)
    batches, found, scores = (np.concatenate(parts) for parts in zip(*history.lists(SMALL, scorer, 4), strict=True))
    assert max(len(batch) for batch in SMALL.batches()) == min(3, max(1, cells // 5))
    assert batches.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(found, whole)
    np.testing.assert_array_equal(scores, of_whole)


def test_popular_is_the_share_of_customers_who_bought_it_in_30_days():
    assert popular.fit(SMALL).score(np.array([0, 2]))[1].tolist() == pytest.approx([1, 1 / 3, 0, 1 / 3, 0])


def test_tifu_weighs_baskets_within_groups_and_groups_among_each_other():
    weights = tifu_knn._basket_weights(SMALL, groups=2, within=0.9, among=0.7)
    rows = zip(SMALL.customer, SMALL.product, SMALL.age_orders, weights, strict=True)
    of_first = {(product, order): weight for customer, product, order, weight in rows if customer == 0}
    # three baskets in two groups of at most two: the newest two, then the oldest alone
    assert of_first[0, 0] == pytest.approx(1 / 2 / 2)
    assert of_first[0, 1] == pytest.approx(0.9 / 2 / 2)
    assert of_first[0, 2] == pytest.approx(0.7 / 2)


def test_tifu_mixes_the_customer_with_the_nearest_others_and_not_with_itself():
    alone = tifu_knn.fit(SMALL, neighbours=1, groups=2, within=0.9, among=0.7, own=0.0).score(np.array([1]))[0]
    vectors = tifu_knn.fit(SMALL, groups=2, within=0.9, among=0.7, own=1.0).score(np.arange(3))
    distances = ((vectors - vectors[1]) ** 2).sum(axis=1)
    nearest = min((0, 2), key=lambda other: distances[other])
    np.testing.assert_allclose(alone, vectors[nearest], rtol=1e-5)


def test_up_cf_is_similarity_times_recent_frequency():
    found = up_cf.fit(SMALL, baskets=1, power=1, asymmetry=0.5).score(np.array([1]))[0]
    # customers 0, 1, 2 share 1, 2, 1 products with customer 1; sizes 3, 2, 2; the last basket alone counts
    similarity = np.array([1 / np.sqrt(2 * 3), 1, 1 / 2])
    assert found.tolist() == pytest.approx([similarity.sum(), similarity[0], 0, similarity[1], 0], rel=1e-5)


def test_neighbours_are_bought_by_the_same_customers():
    near = item_neighbours.fit(shop(*[(who, 1, [0, 1]) for who in range(6)], *[(who, 1, [2]) for who in range(6, 12)])).score(
        np.array([0, 7])
    )
    assert near[0, 1] > 0 and near[0, 2] == 0
    assert near[1, 0] == near[1, 1] == 0


def test_lists_fall_back_on_popularity_and_discoveries_leave_out_what_was_bought():
    scores = np.array([[0, 0, 5.0, 0, 0]])
    best, _ = history.best(SMALL, scores, 3)
    assert best.tolist() == [[2, 0, 1]]
    new, of_new = history.best(SMALL, scores, 5, without_bought_of=np.array([0]))
    assert new[0, :2].tolist() == [3, 4]
    assert np.isneginf(of_new[0, 2:]).all()
    assert scores.tolist() == [[0, 0, 5.0, 0, 0]]


def test_history_ends_the_day_before_and_holds_who_is_active(run):
    day = run.as_of_date - timedelta(days=60)
    with warehouse.connect(run) as connection:
        before = history.load(connection, day)
    world.change(run, f"delete from marts.order_lines where order_date >= date '{day}'")
    with warehouse.connect(run) as connection:
        after = history.load(connection, day)
    for name in ("customers", "products", "customer", "product", "age_days", "age_orders", "popularity"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
    assert before.age_days.min() >= 1
    active = world.ask(run, f"select distinct customer_id from marts.order_lines where order_date >= date '{day}' - 90 order by 1")
    assert before.customers.tolist() == [customer for (customer,) in active]


def test_a_fallback_is_chosen_and_calibrated_on_a_known_window(run):
    with warehouse.connect(run) as connection:
        day = run.as_of_date - timedelta(days=30)
        past = history.load(connection, day)
        bought, count = fallback.wanted(connection, past, day)
        chosen = fallback.fit(connection, [day])
    assert (np.asarray(bought.sum(axis=1)).ravel() <= count).all() and bought.nnz
    rows = np.arange(len(past.customers))
    promised = chosen.probability(chosen.scorer(past).score(rows)[past.bought.nonzero()])
    kept = np.asarray(bought[past.bought.nonzero()]).ravel()
    assert promised.mean() == pytest.approx(kept.mean(), abs=0.02)
