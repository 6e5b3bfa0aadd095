"""What can be learned of the shop is there: each law of behaviour by its measured effect."""

from datetime import date

import numpy as np
import pytest

from sample_shop import days, market, people, products, simulation
from sample_shop.market import SENTIMENT_LEAD
from sample_shop.people import SEGMENTS
from sample_shop.tables import Tables
from sample_shop.wants import Wants


def _one(world, query: str) -> float:
    return world.execute(query).fetchone()[0]


def _two(world, query: str) -> tuple[float, float]:
    return world.execute(query).fetchone()


def test_a_category_is_bought_again_when_it_has_run_out(world):
    """Of a customer's orders, those within two thirds of a cycle hold the category again less than half as often as those after two cycles."""
    full, out = _two(
        world,
        """
        with visits as (select person_id, order_id, cast(ordered_at as date) as day from world.orders),
        bought as (
            select distinct person_id, category, replenish_days, day
            from visits join world.order_lines using (order_id) join world.products using (product_id) where replenish_days > 0
        ),
        known as (select person_id, category, replenish_days as cycle, min(day) as first from bought group by all having count(*) >= 3),
        tries as (
            select visits.day, cycle, bought.day is not null as buys, max(bought.day) over (
                partition by known.person_id, known.category order by visits.day rows between unbounded preceding and 1 preceding
            ) as last
            from visits join known using (person_id) left join bought
                on (bought.person_id, bought.category, bought.day) = (visits.person_id, known.category, visits.day)
            where visits.day >= first
        )
        select avg(buys::int) filter (day - last < cycle * 2 / 3), avg(buys::int) filter (day - last between cycle * 2 and cycle * 3)
        from tries where day > last
        """,
    )
    assert full < 0.5 * out


def test_a_promotion_lifts_demand_and_most_for_bargain_hunters(tmp_path):
    """The rate of a product at three quarters of its price, against its full price, by segment: the price sensitivity that it was given."""
    who, what = people.make(3, 300), products.make(3, 200)
    moves = market.make(3, what, Tables(tmp_path))
    shopping = simulation.begin(3, Wants(3, who, what, moves))
    everyone = np.arange(len(who))
    before = shopping.wants.rates(everyone, 0, shopping.wants.need(shopping.memory.until, 0))
    moves.log_price[0] += np.log(0.75)
    after = shopping.wants.rates(everyone, 0, shopping.wants.need(shopping.memory.until, 0))
    lift = np.log(after / before).mean(axis=1)
    assert lift == pytest.approx(-np.log(0.75) * who.sensitivity, rel=1e-3)
    of = {name: lift[who.segment == number].mean() for number, name in enumerate(SEGMENTS)}
    assert of["bargain_hunter"] > 1.5 * of["regular"] > 1.2 * of["devoted"]


def test_a_promotion_lifts_what_is_sold(world):
    lift = _one(
        world,
        """
        with weeks as (
            select product_id, week_start_date, sum(units_demanded) as units
            from true_demand
            join (select distinct week_start_date, week_end_date from world.promotions) on day between week_start_date and week_end_date
            group by all
        )
        select avg(coalesce(units, 0)) filter (promotion_id is not null) / avg(coalesce(units, 0)) filter (promotion_id is null)
        from (
            select product_id, week_start_date from world.products cross join (select distinct week_start_date from world.promotions)
            where launched_date < date '2023-01-01'
        )
        left join weeks using (product_id, week_start_date) left join world.promotions using (product_id, week_start_date)
        """,
    )
    assert lift > 1.4


def test_a_cheaper_competitor_takes_demand(world):
    """Of the same product, demand in weeks in which the cheapest competitor is dearer than we are, against those in which he is a tenth cheaper."""
    dearer, cheaper = _two(
        world,
        """
        with theirs as (
            select product_id, cast(known_at as date) as monday, min(price_cents) as price_cents from world.competitor_prices group by all
        ),
        weeks as (
            select theirs.product_id, monday, ln(theirs.price_cents / prices.price_cents) as gap
            from theirs asof join world.prices on theirs.product_id = prices.product_id and monday >= valid_from_date
            where discount_share = 0
        ),
        demand as (select product_id, date_trunc('week', day) as monday, sum(units_demanded) as units from true_demand group by all),
        shares as (
            select gap, coalesce(units, 0) / nullif(avg(coalesce(units, 0)) over (partition by product_id), 0) as share
            from weeks left join demand using (product_id, monday)
        )
        select avg(share) filter (gap > 0), avg(share) filter (gap < -0.1) from shares
        """,
    )
    assert dearer > 1.08 * cheaper


def test_demand_follows_the_season_of_its_category(world):
    summer, winter = _two(
        world,
        """
        with shares as (
            select month(day) as month, sum(units_demanded) filter (category = 'Sun Care') / sum(units_demanded) as share
            from true_demand join world.products using (product_id) group by all
        )
        select avg(share) filter (month in (6, 7)), avg(share) filter (month in (1, 12)) from shares
        """,
    )
    assert summer > 2.5 * winter
    december, rest = _two(
        world,
        """
        select sum(units_demanded) filter (month(day) = 12) / 3, sum(units_demanded) filter (month(day) != 12) / 33
        from true_demand join world.products using (product_id) where category = 'Toys'
        """,
    )
    assert december > 1.8 * rest


def test_sentiment_leads_demand(world):
    """The correlation of a brand's weekly demand with its sentiment is highest when the mood is of two weeks before."""
    found = world.execute(
        """
        with moods as (select brand, date_trunc('week', sentiment_date) as week, avg(sentiment) as mood from world.brand_sentiment group by all),
        demand as (
            select brand, date_trunc('week', day) as week, sum(units_demanded) as units
            from true_demand join world.products using (product_id) where launched_date < date '2023-01-01' group by all
        )
        select brand, epoch(week) as week, mood, coalesce(units, 0) as units
        from moods left join demand using (brand, week) order by brand, week
        """
    ).fetchnumpy()
    weeks = len(np.unique(found["week"]))
    mood, units = (found[name].astype(float).reshape(-1, weeks) for name in ["mood", "units"])
    units = np.log1p(units)
    units -= units.mean(axis=0)  # the season of all
    units -= units.mean(axis=1, keepdims=True)
    mood = mood - mood.mean(axis=1, keepdims=True)
    by_lag = [np.corrcoef(mood[:, : weeks - lag].ravel(), units[:, lag:].ravel())[0, 1] for lag in range(9)]
    assert abs(int(np.argmax(by_lag)) - SENTIMENT_LEAD // 7) <= 1, by_lag
    assert max(by_lag) > by_lag[0] > 0
    assert max(by_lag) > 0.1


def test_who_leaves_stays_away_and_had_said_so(world):
    assert _one(world, "select count(*) from world.orders join world.people using (person_id) where ordered_at > died_at") == 0
    left = _one(world, "select avg((died_at is not null)::int) from world.people where registered_at < timestamp '2023-01-01'")
    assert 0.3 < left < 0.9
    low, high = _two(
        world,
        """
        select avg(leaves::int) filter (score <= 7), avg(leaves::int) filter (score >= 9)
        from (
            select coalesce(died_at < answered_at + interval 365 day, false) as leaves, score
            from world.survey_answers join world.sessions using (session_id) join world.people using (person_id)
            where answered_at < timestamp '2025-01-01'
        )
        """,
    )
    assert low > 1.3 * high


def test_an_empty_shelf_censors_sales(world):
    """On days on which a shelf ends empty, less is sold than wished for; some of the wishes go to another product."""
    wished, sold, instead = world.execute(
        """
        select sum(units_demanded), sum(units_sold), (select sum(units_sold_instead) from true_demand) from true_demand
        join world.stock_levels on stock_date = day and stock_levels.product_id = true_demand.product_id where units_on_hand = 0
        """
    ).fetchone()
    assert sold < 0.7 * wished
    assert 0.1 * (wished - sold) < instead < 0.4 * (wished - sold)


def test_what_was_looked_at_and_not_bought_is_bought_sooner(world):
    """The clickstream tells of what is to come: of products never bought before, those looked at are bought far likelier, from the cart even more."""
    carted, looked, other = world.execute(
        """
        with bought as (
            select person_id, product_id, min(ordered_at) as bought_at from world.order_lines join world.orders using (order_id) group by all
        ),
        active as (select distinct person_id from world.orders where ordered_at between timestamp '2025-07-01' and timestamp '2025-09-30'),
        looked as (
            select person_id, product_id, bool_or(event_name = 'add_to_cart') as is_carted
            from world.events join world.sessions using (session_id)
            where event_name in ('view_item', 'add_to_cart') and event_at between timestamp '2025-09-10' and timestamp '2025-09-30' group by all
        ),
        pairs as (
            select is_carted, coalesce(bought_at < timestamp '2025-10-30', false) as buys
            from active cross join (select product_id from world.products)
            left join looked using (person_id, product_id) left join bought using (person_id, product_id)
            where bought_at is null or bought_at >= timestamp '2025-09-30'
        )
        select avg(buys::int) filter (is_carted), avg(buys::int) filter (is_carted is not null), avg(buys::int) filter (is_carted is null) from pairs
        """
    ).fetchone()
    assert carted > looked > 8 * other > 0


def test_words_of_a_review_tell_more_than_its_rating(world):
    """Among reviews of one rating, those that speak of a late parcel are of better products; and those who say so do buy again."""
    late, in_time = _two(
        world,
        """
        select avg(quality) filter (body like '%days%'), avg(quality) filter (body not like '%days%')
        from world.reviews join world.products using (product_id) where rating in (2, 3)
        """,
    )
    assert late > in_time + 0.03
    again, away = _two(
        world,
        """
        with later as (
            select review_id, count(order_id) > 0 as buys
            from world.reviews left join (from world.order_lines join world.orders using (order_id)) as bought
                on (bought.person_id, bought.product_id) = (reviews.person_id, reviews.product_id) and ordered_at > reviewed_at
            group by all
        )
        select avg(buys::int) filter (body similar to '.*(order again|second choice|on my list).*'),
            avg(buys::int) filter (body similar to '.*(another brand|my old one|Once is enough).*')
        from later join world.reviews using (review_id)
        """,
    )
    assert again > 1.1 * away


def test_poor_products_come_back(world):
    poor, good = _two(
        world,
        """
        select avg((return_id is not null)::int) filter (quality < 0.45), avg((return_id is not null)::int) filter (quality > 0.65)
        from world.order_lines join world.products using (product_id) left join world.returns using (order_line_id)
        """,
    )
    assert poor > 1.3 * good


def test_drift_gives_other_tastes(tmp_path):
    """What customers buy by category on the day of the change resembles what they bought before less with drift than without."""
    who, what = people.make(3, 250), products.make(3, 150)
    moves = market.make(3, what, Tables(tmp_path))
    shopping = simulation.begin(3, Wants(3, who, what, moves))
    everyone, last = np.arange(len(who)), days.number(days.DRIFT)
    drifting = Wants(3, who, what, moves, date.fromisoformat(days.DRIFT))
    need = shopping.wants.need(shopping.memory.until, 0)
    before, calm = (shopping.wants.rates(everyone, day, need) for day in (last - 1, last))
    assert (drifting.rates(everyone, last - 1, need) == before).all()
    drifted = drifting.rates(everyone, last, need)

    def likeness(one, other):
        sold = what.launched_day < 0
        return np.mean([np.corrcoef(np.log(a[sold]), np.log(b[sold]))[0, 1] for a, b in zip(one, other, strict=True)])

    assert likeness(before, calm) > 0.95
    assert likeness(before, drifted) < 0.85
