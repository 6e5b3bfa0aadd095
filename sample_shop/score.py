"""What became of every planted error, proved by value: `make score SHOP=sample` after a run.

An error is repaired, or rightly kept, where the conformed row says what is true, in every column; dropped or quarantined, where the bad row is
and what is true of its key (if anything is) stands in conformed, once. Whatever else became of it, it is `missed`: a row that could be repaired
and was only quarantined, too. A good row is one that carries no error for which a row is left out; it is lost where conformed has not accepted
it. Nothing of a person is printed.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import yaml

from forecart import settings, sql, warehouse
from forecart.errors import ForecartError
from forecart.run import Run
from forecart.shop import Shop, load_shop
from ingest.landing import plan_run
from ingest.loads import workbench
from privacy import vault
from privacy.identity.scores import Scores
from sample_shop import accounts, planting, telling, world
from sample_shop.dirt import RATES, Dirt
from sample_shop.scoring import crm, goods, market, shop_db, web_analytics, who_and_what
from sample_shop.scoring.check import Check
from sample_shop.sources import crm as crm_source

CHECKS = [*crm.CHECKS, *goods.CHECKS, *shop_db.CHECKS, *market.CHECKS, *web_analytics.CHECKS]
HANDLED, LOST = 0.99, 0.001  # the targets: at least, at most
OUTCOMES = ["repaired", "quarantined", "dropped", "kept", "missed"]
_DECLARED = {"repair": "repaired", "quarantine": "quarantined", "drop": "dropped", "keep": "kept"}


@dataclass(frozen=True)
class Score:
    """`errors`: of each error how many rows came to which outcome. `entities`: of each entity its good rows, how many of them are lost or
    changed, and how many rows conformed holds that nobody wrote (`unexplained`). `matched`: how well customers and products were told apart
    and joined; of the errors that make this hard how many rows were told right stands in `errors`, too.
    """

    errors: list[dict]
    entities: list[dict]
    matched: dict[str, Scores]

    @property
    def failures(self) -> list[str]:
        """The targets that are missed."""
        failed = [
            f"{one['error']}: {one['handled']:,} of {one['planted']:,} handled as declared ({one['handling']})"
            for one in self.errors
            if one["handling"] in _DECLARED and one["handled"] < HANDLED * one["planted"]
        ]
        for name, found in self.matched.items():
            target = who_and_what.MATCHINGS[name]
            if found.f1 < target.least_f1 or found.precision < target.least_precision:
                failed.append(f"{name}: F1 {found.f1:.3f}, precision {found.precision:.3f}")
        return failed + [
            f"{one['system']}.{one['entity']}: {one['lost']:,} of {one['good']:,} good rows lost"
            for one in self.entities
            if one["lost"] > LOST * one["good"]
        ]


def score(shop: Shop) -> Score:
    """Compare the shop's live warehouse with the truth of the sample shop that it was made from."""
    if not set(world.SYSTEMS) <= set(shop.systems):
        raise ForecartError(f"{shop.name}: nobody knows the truth of it; the sample shop alone can be scored")
    truth = settings.data_folder() / world.FOLDER / "truth"
    made = world.manifest(settings.data_folder())
    run = plan_run(shop.name)
    if not made or not run.warehouse.exists():
        raise ForecartError(f"{shop.name}: there is nothing to score: make run SHOP={shop.name} first")
    with warehouse.locked(run), workbench() as connection:
        _prepare(connection, run, truth, made["seed"])
        errors, entities = [], []
        for check in CHECKS:
            judge(connection, shop, check)
            errors += _records(connection, ERRORS)
            entities += [{"system": check.system, "entity": check.entity, **_records(connection, GOOD)[0]}]
        told_apart, matched = who_and_what.measure(connection)
        return Score(errors + told_apart, entities, matched)


def _prepare(connection: duckdb.DuckDBPyConnection, run: Run, truth: Path, seed: int) -> None:
    """The catalog `house`, the schemas `world` and `truth`, and how their names for customers and products translate.

    Tables accounts (customer_number, person_id, subject_id, customer_id) and numbers (product_id, number, house_id) hold the true and the
    house's name of each side by side: what scores of who is who need as well.
    """
    connection.sql(f"attach {sql.text(run.warehouse)} as house (read_only)")
    telling.show_world(connection, truth / "world")
    connection.sql("create schema truth")
    for path in sorted(truth.glob("*.parquet")):
        connection.sql(f"create view truth.{path.stem} as from read_parquet({sql.text(path)})")
    dirt = Dirt(connection, seed)
    accounts.make(connection, dirt)
    crm_source.true_changes(connection, dirt)
    with vault.attached(connection, run.shop):
        connection.sql(f"""create table accounts as
            select customer_number, person_id, subject_id, coalesce(known.customer_id, subject_id) as customer_id
            from customer_numbers
            join vault.subjects on space = 'sample' and source_id = {planting.customer("customer_number")}
            left join (select distinct source_customer_id, customer_id from house.conformed.customer_crosswalk) as known
                on known.source_customer_id = subject_id""")
    for name, meaning in {
        "numbered(letter, number)": "letter || lpad(cast(number as varchar), 9, '0')",
        "product_number(number)": planting.product("number"),
        "written(moment)": planting.utc("moment"),
        "is_planted(name, key)": "key in (select source_key from truth.planted where error = name)",
        "rate_of(day)": "(select any_value(rate) from world.exchange_rates where currency = 'CHF' and rate_date = day)",
        "in_francs_and_back(cents, day)": "cast(round(round(cents / rate_of(day)) * rate_of(day)) as bigint)",
    }.items():
        connection.sql(f"create macro {name} as {meaning}")
    connection.sql("""create table numbers as
        select products.product_id, number, coalesce(known.product_id, number) as house_id
        from (select product_id, product_number(product_id) as number from world.products) as products
        left join (select distinct source_product_id, product_id from house.conformed.product_crosswalk) as known on source_product_id = number""")
    connection.sql("""create view orders_at_rates as
        select orders.*, coalesce(rate, 1) as rate, customer_id
        from world.orders as orders left join order_customers using (order_id) left join accounts using (customer_number)
        left join world.exchange_rates as rates on orders.currency = rates.currency and cast(ordered_at as date) = rate_date""")
    connection.sql("""create view true_events as
        select events.*, logged_in_at, customer_id
        from world.events join world.sessions using (session_id)
        left join session_customers using (session_id) left join accounts using (customer_number)""")
    connection.sql(f"create macro as_of() as timestamp '{run.as_of_date}' at time zone '{run.shop.timezone}' at time zone 'UTC'")
    rates = yaml.safe_load(RATES.read_text())
    beside = [name for name, error in rates.items() if error.get("beside")]
    connection.sql(f"create view taking_place as from truth.planted where handling = 'quarantine' and error not in {tuple(beside)}")


def judge(connection: duckdb.DuckDBPyConnection, shop: Shop, check: Check) -> None:
    """Tables rows_of_keys (source_key: is_true, is_right, what was found and left out of it) and fates (what became of each planted error)."""
    mine = f"system = '{check.system}' and entity = '{check.entity}'"
    connection.sql(f"create or replace table all_rows as {check.true}")
    connection.sql(f"""create or replace table true_rows as
        from all_rows where {check.known} and source_key not in (select source_key from taking_place where {mine})""")
    connection.sql(f"create or replace table found_rows as {check.found}")
    columns = [name for name, *_ in connection.sql("describe true_rows").fetchall() if name != "source_key"]
    equal = " and ".join(f"true_rows.{name} is not distinct from found_rows.{name}" for name in columns)
    connection.sql(f"""create or replace table rows_of_keys as
        with told as (
            select source_key, count(quarantine_reason) as quarantined, count(drop_reason) as dropped
            from ({_left_out(shop, check)}) group by 1
        ),
        compared as (
            select source_key, any_value(true_rows.source_key) is not null as is_true,
                count(found_rows.source_key) as found, bool_and({equal}) as is_equal
            from true_rows full join found_rows using (source_key) group by 1
        )
        select coalesce(compared.source_key, told.source_key) as source_key, coalesce(is_true, false) as is_true, coalesce(found, 0) as found,
            if(coalesce(is_true, false), found = 1 and is_equal, coalesce(found, 0) = 0) as is_right,
            coalesce(quarantined, 0) as quarantined, coalesce(dropped, 0) as dropped
        from compared full join told using (source_key)""")
    connection.sql(f"""create or replace table fates as
        select planted.*, case
            when not is_right then 'missed'
            when handling = 'repair' and is_true then 'repaired'
            when handling = 'keep' and is_true then 'kept'
            when handling = 'drop' and dropped > 0 then 'dropped'
            when quarantined > 0 then 'quarantined'
            when dropped > 0 then 'dropped'
            else 'missed' end as outcome
        from truth.planted left join rows_of_keys using (source_key)
        where {mine} and handling <> 'match' and source_key not in (select source_key from all_rows where not ({check.known}))""")


def _left_out(shop: Shop, check: Check) -> str:
    """SQL for the rows that conformed judged and those that landing refused: source_key, quarantine_reason, drop_reason."""
    folder = shop.personal / check.system / (check.landed or check.entity)
    files = sorted(folder.glob("*/quarantine.parquet"))
    parts = [check.judged] if check.judged else []
    parts += [f"select {check.refused}, reason, null from read_parquet({sql.texts(map(str, files))})"] if files else []
    return " union all ".join(parts) or "select null::varchar as source_key, null as quarantine_reason, null as drop_reason where false"


_MEANS = "case handling " + " ".join(f"when '{handling}' then '{outcome}'" for handling, outcome in _DECLARED.items()) + " end"
ERRORS = f"""
    select error, handling, system, entity, count(*) as planted,
        {", ".join(f"count(*) filter (where outcome = '{outcome}') as {outcome}" for outcome in OUTCOMES)},
        count(*) filter (where outcome = {_MEANS}) as handled
    from fates group by all order by error"""
GOOD = """
    select count(*) filter (where is_good) as good, count(*) filter (where is_good and found = 0) as lost,
        count(*) filter (where is_good and found > 0 and not is_right) as changed,
        count(*) filter (where not is_true and found > 0 and not is_planted) as unexplained
    from (
        select *, source_key in (select source_key from fates) as is_planted,
            is_true and source_key not in (select source_key from fates where handling in ('quarantine', 'drop')) as is_good
        from rows_of_keys
    ) as rows"""


def _records(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict]:
    rows = connection.sql(query)
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]


def tell(result: Score) -> None:
    """Print the score."""
    names = [one["error"] for one in result.errors] + ["good rows of"]
    entities = [f"{one['system']}.{one['entity']}" for one in result.entities] + ["system.entity"]
    line = f"{{:<{max(map(len, names))}}}  {{:<{max(map(len, entities))}}}".format
    scored = [one for one in result.errors if one["handling"] in _DECLARED]
    total = {name: sum(one[name] for one in scored) for name in ["planted", *OUTCOMES, "handled"]}
    print(line("planted error", "system.entity"), f"{'declared':<10}  {'planted':>9}", *(f"{name:>11}" for name in OUTCOMES), "as declared")
    for one in [*scored, {"error": "all", "handling": "", **total}]:
        where = f"{one['system']}.{one['entity']}" if "system" in one else ""
        counts = [f"{one[name]:>11,}" for name in OUTCOMES]
        print(
            line(one["error"], where), f"{one['handling']:<10}  {one['planted']:>9,}", *counts, f"{one['handled'] / one['planted']:>11.2%}"
        )
    print("\n" + line("who and what is one", "system.entity"), f"{'':<10}  {'planted':>9} {'told right':>11}")
    for one in result.errors:
        if one["handling"] not in _DECLARED:
            counts = f"{one['planted']:>9,} {one['handled']:>11,} {one['handled'] / one['planted']:>11.2%}"
            print(line(one["error"], f"{one['system']}.{one['entity']}"), f"{one['handling']:<10}  {counts}")
    print("\n" + line("pairs of records of", ""), *(f"{name:>11}" for name in ("F1", "precision", "recall", "B-cubed F1")), "  targets")
    for name, found in result.matched.items():
        target = who_and_what.MATCHINGS[name]
        values = (f"{value:>11.4f}" for value in (found.f1, found.precision, found.recall, found.b_cubed_f1))
        print(line(name, ""), *values, f"  F1 {target.least_f1}, precision {target.least_precision}")
    counts = ["lost", "changed", "unexplained"]
    print(f"\n{line('good rows of', 'system.entity')} {'':<10}  {'rows':>9}", *(f"{name:>11}" for name in counts))
    for one in result.entities:
        told = [f"{one[name]:>11,}" for name in counts]
        print(line("", f"{one['system']}.{one['entity']}"), f"{'':<10}  {one['good']:>9,}", *told)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make score", description=__doc__.splitlines()[0])
    parser.add_argument("--shop", default="sample")
    name = parser.parse_args().shop
    try:
        shop = load_shop(name)
        result = score(shop)
    except ForecartError as error:
        print(error, file=sys.stderr)
        return 1
    tell(result)
    file = shop.folder / "quality" / "score.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    matched = {name: asdict(found) for name, found in result.matched.items()}
    file.write_text(
        json.dumps({"errors": result.errors, "entities": result.entities, "matched": matched, "failures": result.failures}, indent=1)
    )
    print(f"\nAs JSON: {file}")
    if result.failures:
        print(f"\nMissed (targets: {HANDLED:.0%} of every error handled as declared, {LOST:.1%} of good rows lost):")
        print("\n".join(f"  {failure}" for failure in result.failures))
    return 1 if result.failures else 0


if __name__ == "__main__":
    sys.exit(main())
