"""Laws of what customers would like, told by what all of them buy and look at."""

from datetime import timedelta

import pytest

from forecart import warehouse
from ml import features, pairs, tastes
from tests.ml import world

ASKED = """
    select
        c.customer_id, p.product_id,
        list_dot_product(c.tastes, p.tastes) as taste, list_dot_product(c.recent_tastes, p.tastes) as recent_taste
    from features.customer_tastes as c inner join features.product_tastes as p using (as_of_date) where as_of_date = date '{day}'
"""


@pytest.fixture
def looking(run, monkeypatch):
    """Customers and products of even and odd numbers keep to themselves: each looks at ten of its kind, and at none of the other."""
    monkeypatch.setattr(tastes, "DIMENSIONS", 2)
    world.change(
        run,
        f"""
        delete from marts.order_lines where substr(customer_id, 2)::int % 2 <> substr(product_id, 2)::int % 2;
        insert into marts.product_interactions (interaction_date, customer_id, product_id, customer_known_at, count_views, count_carts)
        select date '{run.as_of_date}' - 5 - place::int % 20, 'c' || lpad(who::varchar, 2, '0'),
            'p' || lpad(((who + 2 * place) % 40)::varchar, 2, '0'),
            timestamp '{run.as_of_date}' - interval 5 day - to_days((place % 20)::int), 2, 0
        from range(60) as customers(who), range(10) as places(place);
        """,
    )
    features.build(run, [run.as_of_date, run.as_of_date - timedelta(days=60)])
    return run


def test_customers_would_like_what_their_kind_buys_and_looks_at(looking):
    of_kind = f"select avg(taste) from ({ASKED.format(day=looking.as_of_date)}) where (substr(customer_id, 2)::int + substr(product_id, 2)::int) % 2"
    ((own,),), ((other,),) = (world.ask(looking, f"{of_kind} = {rest}") for rest in (0, 1))
    assert own > 10 * abs(other)


def test_pairs_are_told_the_taste_of_their_customer_for_their_product(looking):
    with warehouse.connect(looking) as connection:
        (batch,) = pairs.batches(connection, "features", looking.as_of_date)
        told = connection.execute(ASKED.format(day=looking.as_of_date)).df().set_index(["customer_id", "product_id"])
    keys = list(zip(batch["customer_id"], batch["product_id"], strict=True))
    for name in ("taste", "recent_taste"):
        assert batch[name].notna().any()
        assert batch[name].fillna(0).tolist() == pytest.approx(told[name].reindex(keys).fillna(0).tolist())


def test_what_a_customer_does_lately_counts_more_in_recent_tastes(looking):
    """c01 looks at what is of the other kind, as often as ever at its own, but now."""
    of_other = f"""
        select avg(recent_taste) - avg(taste), avg(recent_taste) from ({ASKED.format(day=looking.as_of_date)})
        where customer_id = 'c01' and substr(product_id, 2)::int % 2 = 0
    """
    ((before, _),) = world.ask(looking, of_other)
    world.change(
        looking,
        f"""
        insert into marts.product_interactions (interaction_date, customer_id, product_id, customer_known_at, count_views, count_carts)
        select date '{looking.as_of_date}' - 3, 'c01', 'p' || lpad((2 * place)::varchar, 2, '0'),
            timestamp '{looking.as_of_date}' - interval 3 day, 2, 0
        from range(10) as places(place)
        """,
    )
    features.build(looking, [looking.as_of_date])
    ((after, recent),) = world.ask(looking, of_other)
    assert after > before + 0.01 and recent > 0


def test_tastes_know_nothing_of_the_day_and_are_empty_where_nobody_looks(looking):
    earlier = looking.as_of_date - timedelta(days=60)
    everything = "select * from features.customer_tastes union all by name select * from features.product_tastes order by all"
    assert world.ask(looking, f"select count(*) from features.customer_tastes where as_of_date = date '{earlier}'") == [(0,)]
    before = world.ask(looking, everything)
    world.change(
        looking,
        f"""
        insert into marts.product_interactions (interaction_date, customer_id, product_id, customer_known_at, count_views, count_carts)
        values (date '{looking.as_of_date}', 'c01', 'p02', timestamp '{looking.as_of_date}', 50, 50),
            (date '{looking.as_of_date}' - 3, 'c01', 'p04', timestamp '{looking.as_of_date}', 50, 50)
        """,
    )
    features.build(looking, [looking.as_of_date, earlier])
    assert world.ask(looking, everything) == before
