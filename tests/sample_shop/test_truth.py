"""The truth is true: foretold probabilities come true, in the world itself and in the same window lived again and again."""

import numpy as np
import pytest

from sample_shop import days, foresight, fulfilment, market, people, products, simulation
from sample_shop.tables import Tables
from sample_shop.wants import Wants

BINS = [(0.002, 0.005), (0.005, 0.01), (0.01, 0.03), (0.03, 0.1), (0.1, 0.3), (0.3, 1.01)]
LIVES = 80


def test_probabilities_are_calibrated_on_what_the_world_then_did(world):
    """Expected and seen purchases by size of the probability, over all dates whose window the tables or the future hold."""
    rows = world.execute(
        f"""
        with bought as (
            select distinct person_id, product_id, cast(ordered_at at time zone 'UTC' at time zone 'Europe/Berlin' as date) as day
            from world.order_lines join world.orders using (order_id) where status != 'cancelled'
            union all select distinct person_id, product_id, day from future_purchases
        )
        select probability, exists (
            from bought where (bought.person_id, bought.product_id) = (told.person_id, told.product_id)
                and day >= as_of_date and day < as_of_date + {days.WINDOW}
        ) as is_bought
        from purchase_probabilities as told
        """
    ).fetchnumpy()
    probability, is_bought = rows["probability"], rows["is_bought"]
    for low, high in BINS:
        inside = (probability >= low) & (probability < high)
        expected, seen = probability[inside].sum(), is_bought[inside].sum()
        # pairs of a customer come together, in baskets of some five lines: so many times the variance of independent ones
        error = np.sqrt(5 * (probability[inside] * (1 - probability[inside])).sum())
        assert abs(seen - expected) < 0.05 * expected + 4 * error, (low, high, expected, seen)
    assert is_bought.sum() > 1000


@pytest.mark.parametrize("as_of", [days.AS_OF[0], days.AS_OF[-1]])
def test_probabilities_are_those_of_the_window_lived_again(tmp_path, as_of):
    """The mean of each bin is within 5 % of many lives' (and four standard errors, from the spread between lives); so is what is left out."""
    who, what = people.make(3, 300), products.make(3, 300)
    shopping = simulation.begin(3, Wants(3, who, what, market.make(3, what, Tables(tmp_path))))
    for _ in shopping.days(0, as_of):
        pass
    living = np.flatnonzero((who.joined_day < as_of) & (who.death_day > as_of))
    person, product, probability, rest = foresight.foresee(shopping, living, as_of)
    told = np.zeros((len(who), len(what)))
    told[person, product] = probability
    bins = [(told[living] >= low) & (told[living] < high) for low, high in BINS] + [told[living] == 0]
    expected = [told[living][inside].sum() for inside in bins[:-1]] + [rest.sum()]
    lives = np.array([[life[living][inside].sum() for inside in bins] for life in _lives(shopping, living, as_of)])
    error = lives.std(axis=0, ddof=1) / np.sqrt(LIVES)
    off = np.abs(lives.mean(axis=0) - expected) - 4 * error
    assert (off <= 0.05 * np.array(expected)).all(), (expected, lives.mean(axis=0), error)


def _lives(shopping, living, as_of):
    """Which pairs are bought, and not cancelled, in each of some lives of the window, with deaths and dice of its own."""
    who, what = shopping.wants.people, shopping.wants.products
    for number in range(LIVES):
        rng = np.random.default_rng([number, 5])
        death_day = who.death_day.copy()
        death_day[living] = as_of + rng.geometric(np.clip(who.hazard[living], 1e-6, 0.5))
        bought = np.zeros((len(who), len(what)), dtype=bool)
        for day in shopping.copy("again", number, death_day=death_day).days(as_of, as_of + days.WINDOW):
            stays = (rng.random(len(day.person)) >= fulfilment.CANCELLED)[day.visit]
            bought[day.person[day.visit[stays]], day.product[stays]] = True
        yield bought


def test_probabilities_are_of_everyone_who_lives_and_had_registered(world):
    """For each date: all such customers and nobody else, each with the most likely products at least."""
    wrong = world.execute(
        f"""
        with dates as (select distinct as_of_date from purchase_probabilities),
        living as (
            select as_of_date, person_id, least({foresight.MOST_LIKELY}, (select count(*) from world.products)) as least from dates
            join world.people on registered_at < as_of_date and (died_at is null or cast(died_at as date) >= as_of_date)
        ),
        told as (
            select as_of_date, person_id, count(*) as pairs, min(probability) as low, max(probability) as high
            from purchase_probabilities group by all
        )
        select count(*) from living full join told using (as_of_date, person_id)
        where pairs is null or least is null or pairs < least or low < 0 or high > 1
        """
    ).fetchone()[0]
    dates = world.execute("select distinct cast(as_of_date as date) from purchase_probabilities order by 1").fetchall()
    assert [np.datetime64(one) for (one,) in dates] == [days.date(day) for day in days.AS_OF]
    assert wrong <= 2 * len(dates)  # who registers or leaves within the hours between the shop's midnight and UTC's


def test_the_future_is_only_in_the_truth(world):
    first, last, count = world.execute("select min(day), max(day), count(*) from future_purchases").fetchone()
    assert np.datetime64(first, "D") >= days.END
    assert np.datetime64(last, "D") < days.END + days.WINDOW
    assert count > 0
