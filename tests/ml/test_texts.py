"""Laws of what is read from descriptions and reviews."""

from datetime import timedelta

import pytest

from ml import features, texts
from tests.ml import world


@pytest.fixture
def described(run, monkeypatch):
    """Products of even and odd numbers are described in other words, and reviews praise the odd ones."""
    monkeypatch.setattr(texts, "LEAST", 10)
    world.change(
        run,
        f"""
        update marts.products set product_name = 'Thing ' || product_id,
            description = case when substr(product_id, 2)::int % 2 = 1 then 'slow roasted beans of high mountains' else 'cheap plastic box' end;
        update marts.products set description = null where product_id = 'p39';
        insert into marts.reviews
        select 'r' || number, 'p' || lpad((number % 30)::varchar, 2, '0'), 'c01', date '{run.as_of_date}' - 5,
            case when number % 2 = 1 then 5 else 2 end, 'Well', case when number % 2 = 1 then 'I love it' else 'it broke at once' end
        from range(60) as numbers(number);
        insert into marts.reviews values ('late', 'p02', 'c01', date '{run.as_of_date}', 5, 'Well', 'I love it');
        """,
    )
    features.build(run, [run.as_of_date, run.as_of_date - timedelta(days=30)])
    return run


def test_words_tell_the_rating_of_what_is_reviewed_and_of_what_is_described_alike(described):
    asked = f"from features.product_texts where as_of_date = date '{described.as_of_date}' and product_id"
    ((praised, liked),) = world.ask(described, f"select min(described_rating), min(written_rating) {asked} in ('p01', 'p03')")
    ((unloved, disliked),) = world.ask(described, f"select max(described_rating), max(written_rating) {asked} in ('p02', 'p04')")
    assert praised > 4 and liked > 4.5
    assert unloved < 3 and disliked < 2.5
    assert world.ask(described, f"select described_rating > 4, written_rating {asked} = 'p31'") == [(True, None)]  # never reviewed
    assert world.ask(described, f"select count(*) {asked} = 'p39'") == [(0,)]  # neither reviewed nor described


def test_nothing_of_a_review_is_known_before_it_was_written(described):
    earlier = described.as_of_date - timedelta(days=30)
    assert world.ask(
        described, f"select count(written_rating), count(described_rating) from features.product_texts where as_of_date = date '{earlier}'"
    ) == [(0, 0)]
    before = world.ask(described, "select * from features.product_texts order by all")
    world.change(described, f"delete from marts.reviews where review_date >= date '{described.as_of_date}'")
    features.build(described, [described.as_of_date, earlier])
    assert world.ask(described, "select * from features.product_texts order by all") == before
