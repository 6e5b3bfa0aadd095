"""Ids that stay: which customer_id each record of a source has, since when, and what became of the ids of before.

Clusters come and go with the data; ids follow the records. An old id goes to the one cluster that holds most of its records; a cluster that several
go to keeps the id that holds most of its records, then the oldest. What no id goes to gets a new one.
"""

from datetime import datetime

import duckdb

from forecart import sql

CROSSWALK = "system varchar, subject_id varchar, customer_id varchar, valid_from timestamp, valid_to timestamp"
LOG = "happened_at timestamp, event varchar, customer_id varchar, other_customer_id varchar, count_records bigint"


def create(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    """The tables `crosswalk` (a row a record and validity; valid_to is null while it holds) and `log` in `schema`, if they are not there."""
    connection.sql(f"create table if not exists {schema}.crosswalk ({CROSSWALK})")
    connection.sql(f"create table if not exists {schema}.log ({LOG})")


def update(connection: duckdb.DuckDBPyConnection, schema: str, resolved: str, at: datetime) -> dict[str, int]:
    """Bring `crosswalk` and `log` of `schema` in line with `resolved` (system, subject_id, cluster), and return how often each event happened.

    Events: `new` (customers), `merge` (other_customer_id became customer_id), `split` (so many records left customer_id for other_customer_id),
    `gone` (an id whose records are all gone). The same clusters again change nothing.
    """
    now = f"timestamp {sql.text(at)}"
    connection.sql(
        f"""
        create or replace temp table held as
        select system, subject_id, customer_id, cluster
        from (from {schema}.crosswalk where valid_to is null)
        full join (select system, subject_id, cluster from {resolved}) using (system, subject_id);

        create or replace temp table kept_ids as
        with ages as (select customer_id, min(valid_from) as since from {schema}.crosswalk group by 1),
        shares as (
            select customer_id, cluster, count(*) as records, any_value(since) as since
            from held join ages using (customer_id) where cluster is not null group by customer_id, cluster
        ),
        -- each id to one cluster …
        claims as (select * from shares qualify row_number() over (partition by customer_id order by records desc, cluster) = 1)
        -- … and each cluster one id
        select cluster, customer_id from claims
        qualify row_number() over (partition by cluster order by records desc, since, customer_id) = 1;

        -- A new customer is called as its first record, unless a customer was called so before.
        create or replace temp table new_ids as
        with founders as (
            select cluster, min_by(system, (system, subject_id)) as system, min_by(subject_id, (system, subject_id)) as subject_id
            from held where cluster is not null and cluster not in (select cluster from kept_ids) group by cluster
        ),
        used as (select distinct customer_id from {schema}.crosswalk),
        counted as (select count(*) as ids from used)
        select cluster,
            case when subject_id in (from used) or count(*) over (partition by subject_id) > 1
                then left(md5(concat_ws('|', system, subject_id, ids)), 12) else subject_id end as customer_id
        from founders cross join counted;

        create or replace temp table next_ids as
        select system, subject_id, held.customer_id as old_id, coalesce(kept.customer_id, new.customer_id) as customer_id
        from held left join kept_ids as kept using (cluster) left join new_ids as new using (cluster);
        """
    )
    changed = "old_id is distinct from next_ids.customer_id"
    connection.sql(
        f"""
        create or replace temp table events as
        with moved as (select old_id, customer_id, count(*) as records from next_ids where old_id is not null and {changed} group by all),
        living as (select distinct customer_id from next_ids where customer_id is not null)
        select 'new' as event, customer_id, null as other_customer_id, count(*) as count_records
        from next_ids where customer_id in (select customer_id from new_ids) group by customer_id
        union all
        select case when old_id in (from living) then 'split' else 'merge' end,
            case when old_id in (from living) then old_id else customer_id end,
            case when old_id in (from living) then customer_id else old_id end, records
        from moved where customer_id is not null
        union all
        select 'gone', old_id, null, records from moved where customer_id is null and old_id not in (from living)
        """
    )
    connection.sql(
        f"""
        insert into {schema}.log select {now}, * from events order by event, customer_id, other_customer_id;
        update {schema}.crosswalk as old set valid_to = {now} from next_ids
        where old.valid_to is null and old.system = next_ids.system and old.subject_id = next_ids.subject_id and {changed};
        insert into {schema}.crosswalk
        select system, subject_id, customer_id, {now}, null from next_ids where {changed} and customer_id is not null order by system, subject_id;
        """
    )
    counts = dict(connection.sql("select event, count(*) from events group by 1 order by 1").fetchall())
    for table in ("held", "kept_ids", "new_ids", "next_ids", "events"):
        connection.sql(f"drop table {table}")
    return counts
