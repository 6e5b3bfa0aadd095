"""Who is who: what must be joined, what must not, and what bad data may not bring about."""

import duckdb
import pytest

from forecart.errors import ForecartError
from privacy.identity import golden, model, normalise, phones, resolve, scores, shared, veto
from sample_shop import duplicates

HOME = "'Lindenweg' as street, '7' as house_number, '10115' as postcode, 'Berlin' as city, 'DE' as country"


@pytest.fixture(scope="module")
def shop():
    """A few thousand customers with families, resolved: the connection and what was found."""
    connection = duckdb.connect()
    duplicates.write(connection, seed=3, count=6_000)
    return connection, resolve.resolve(connection, "records")


def _resolved(records: str, known=None) -> tuple[duckdb.DuckDBPyConnection, resolve.Resolution]:
    connection = duckdb.connect()
    connection.sql(f"create table records as {records}")
    return connection, resolve.resolve(connection, "records", known)


def _clusters(connection) -> list[list[str]]:
    return [
        ids
        for (ids,) in connection.sql(
            "select list(subject_id order by subject_id) as ids from resolved group by cluster order by ids"
        ).fetchall()
    ]


def _members(*people: str) -> str:
    """A household's records beside strangers."""
    columns = "subject_id, first_name, last_name, birth_date, email, phone"
    home = f"select 'home' as system, {HOME}, * from (values {', '.join(people)}) as members({columns})"
    place = "street, house_number, postcode, city, country"
    return f"{home} union all by name select system, {columns.replace('birth_date', 'birth_date::varchar as birth_date')}, {place} from strangers"


def _home(shop, *people: str) -> list[list[str]]:
    """The clusters that a household's records fall into, in the middle of the shop."""
    connection, _ = shop
    connection.sql("create or replace view strangers as from records where person_id <= 500")
    return _found(shop, _members(*people))


def _found(shop, records: str) -> list[list[str]]:
    connection, found = shop
    connection.sql(f"create or replace table visited as {records}")
    cursor = connection.cursor()
    resolve.resolve(cursor, "visited", found.model)
    rows = cursor.sql(
        "select list(subject_id order by subject_id) as ids from resolved group by cluster having bool_or(system = 'home') order by ids"
    ).fetchall()
    return [ids for (ids,) in rows]


def test_duplicates_are_found_and_families_stay_apart(shop):
    connection, _ = shop
    found = scores.score(connection, "(select * from resolved join records using (system, subject_id))")
    assert found.f1 > 0.97 and found.precision > 0.98, found


def test_parents_and_children_of_one_house_are_not_merged(shop):
    members = [
        "('1', 'Anna', 'Weber', '1980-03-01', 'weber@web.de', '030 1234567')",
        "('2', 'Jonas', 'Weber', '1979-05-11', 'weber@web.de', '030 1234567')",
        "('3', 'Mia', 'Weber', '2008-03-01', 'weber@web.de', '030 1234567')",
    ]
    assert _home(shop, *members) == [["1"], ["2"], ["3"]]


def test_twins_are_two_and_a_father_is_not_his_son_of_the_same_name(shop):
    twins = [
        "('1', 'Lea', 'Weber', '2001-03-01', 'weber@web.de', '030 1234567')",
        "('2', 'Tom', 'Weber', '2001-03-01', 'weber@web.de', '030 1234567')",
    ]
    assert _home(shop, *twins) == [["1"], ["2"]]
    names = [
        "('1', 'Karl', 'Weber', '1950-03-01', 'alt@web.de', '030 1234567')",
        "('2', 'Karl', 'Weber', '1981-11-23', 'jung@web.de', '030 1234567')",
    ]
    assert _home(shop, *names) == [["1"], ["2"]]


def test_a_record_that_could_be_eithers_joins_the_heavier_and_never_both(shop):
    three = [
        "('1', 'Karl', 'Weber', '1950-03-01', 'alt@web.de', '030 1234567')",
        "('2', 'Karl', 'Weber', '1981-11-23', 'jung@web.de', '030 1234567')",
        "('3', 'Karl', 'Weber', null, 'jung@web.de', null)",
    ]
    assert _home(shop, *three) == [["1"], ["2", "3"]]


def test_short_names_swapped_names_and_slips_are_one_person(shop):
    forms = [
        "('1', 'Alexander', 'Weber', '1980-03-01', 'alex.weber@web.de', '030 1234567')",
        "('2', 'Alex', 'Weber', '1980-03-01', null, '+49 30 1234567')",
        "('3', 'WEBER', 'Alexander', '1980-01-03', 'Alex.Weber@web.de', null)",
        "('4', 'Alexnader', 'Wéber', null, 'alex.weber@web.de', '0049301234567')",
    ]
    assert _home(shop, *forms) == [["1", "2", "3", "4"]]


def test_addresses_made_of_two_sisters_names_excuse_no_other_date_of_birth():
    connection = duckdb.connect()
    columns = "system, subject_id, first_name, last_name, birth_date, email"
    connection.sql(
        f"""
        create table records as select * from (values
            ('s', '1', 'Sena', 'Binder', '1958-12-05', 'sena.binder@web.de'),
            ('s', '2', 'Selina', 'Binder', '1950-04-26', 'selina.binder@web.de'),
            ('s', '3', 'Sena', 'Binder', '1985-02-15', 'sena.bindr@web.de')
        ) as t({columns})
        """
    )
    normalise.normalise(connection, "records", "people")
    shared.mark_rare_names(connection, "people")
    connection.sql("create table pairs as select unnest([1, 1]) as left_id, unnest([2, 3]) as right_id")
    veto.judge(connection, "people", "pairs", "judged")
    assert connection.sql("select veto from judged order by right_id").fetchall() == [("birth date",), (None,)]


def test_a_record_between_two_who_cannot_be_one_joins_one_of_them(shop):
    """The two were never compared: they share nothing but a last name."""
    connection, _ = shop
    connection.sql("create or replace view strangers as from records where person_id <= 500")
    elsewhere = "'Bachstr' as street, '110' as house_number, '86913' as postcode, 'Starnberg' as city, 'DE' as country"
    columns = "subject_id, first_name, last_name, birth_date, email, phone"
    moved = "('1', 'Anatol', 'Stiebitz', '1966-03-15', 'anatolstiebitz66@web.de', '01513002071')"
    guest = "('2', 'Anatol', 'Stiebitz', null, 'anatolstiebitz66@web.de', null)"
    namesake = "('3', 'Anto', 'Stiebitz', '1957-10-06', 'anto.stiebitz@web.de', '01581329416')"
    records = (
        _members(guest, namesake) + f" union all by name select 'home' as system, {elsewhere}, * from (values {moved}) as t({columns})"
    )
    assert _found(shop, records) == [["1", "2"], ["3"]]


def test_the_order_of_records_changes_nothing(shop):
    connection, found = shop
    before = connection.sql("select system, subject_id, cluster from resolved order by all").fetchall()
    cursor = connection.cursor()
    cursor.sql("create or replace table shuffled as from records order by hash(subject_id, 7)")
    resolve.resolve(cursor, "shuffled", found.model)
    assert cursor.sql("select system, subject_id, cluster from resolved order by all").fetchall() == before


def test_two_trainings_agree(shop):
    connection, found = shop
    cursor = connection.cursor()
    again = resolve.resolve(cursor, "records").model
    for name, probabilities in found.model.m.items():
        assert again.m[name] == pytest.approx(probabilities, rel=1e-9, abs=1e-12)


def test_without_names_the_contacts_are_joined_and_nothing_else():
    connection, _ = _resolved("select 's' as system, range::varchar as subject_id, 'c' || range // 2 || '@web.de' as email from range(400)")
    assert max(map(len, _clusters(connection))) <= 2


def test_ids_alone_pass_one_to_one():
    connection, found = _resolved("select 'only' as system, range::varchar as subject_id from range(1000)")
    assert len(_clusters(connection)) == 1000
    assert "each is a customer of its own" in found.notes[0]


@pytest.mark.parametrize("names", ["", ", 'Name' || (range * 7919 % 5003) as first_name, 'Weber' || range % 997 as last_name"])
def test_a_placeholder_address_of_everybody_joins_nobody(names):
    connection, found = _resolved(f"select 's' as system, range::varchar as subject_id, 'none@shop.de' as email{names} from range(20000)")
    assert max(map(len, _clusters(connection))) == 1
    assert [(one.column, one.count_records) for one in found.shared] == [("email", 20000)]


def test_a_column_of_nulls_changes_nothing(shop):
    connection, _ = shop
    cursor = connection.cursor()
    cursor.sql("create or replace table first_ones as from records where person_id <= 1500")
    resolve.resolve(cursor, "first_ones")
    before = cursor.sql("select subject_id, cluster from resolved order by all").fetchall()
    cursor.sql("create or replace table more as select *, null::varchar as national_id from first_ones")
    resolve.resolve(cursor, "more")
    assert cursor.sql("select subject_id, cluster from resolved order by all").fetchall() == before


def test_too_large_a_cluster_is_held_and_not_merged():
    # Records that agree in all they say: a mistake of a system, not a person with sixty accounts.
    same = (
        "select 's' as system, 'x' || range as subject_id, 'Ada' as first_name, 'Weber' as last_name, '1980-03-01' as birth_date,"
        " 'ada@web.de' as email from range(60)"
    )
    other = (
        "select 's', 'y' || range, 'Name' || range % 300, 'Berg' || range % 211,"
        " (date '1950-01-01' + (range * 37 % 15000)::integer)::varchar, 'p' || range % 400 || '@web.de' from range(600)"
    )
    connection, found = _resolved(f"{same} union all {other}")
    assert [len(one) for one in found.held] == [60]
    assert connection.sql("select count(distinct cluster), bool_and(is_held) from resolved where subject_id like 'x%'").fetchone() == (
        60,
        True,
    )
    assert "held for review" in " ".join(found.notes)


def test_a_saved_model_serves_again_and_another_schema_says_so(shop, tmp_path):
    _, found = shop
    found.model.save(tmp_path / "model.json")
    assert model.load(tmp_path / "model.json") == found.model
    text = (tmp_path / "model.json").read_text()
    (tmp_path / "model.json").write_text(text.replace('"one slip"', '"a slip"'))
    with pytest.raises(ForecartError, match="another schema"):
        model.load(tmp_path / "model.json")
    (tmp_path / "model.json").write_text("{")
    with pytest.raises(ForecartError, match="no saved model"):
        model.load(tmp_path / "model.json")


def test_telephones_are_read_as_the_library_reads_them():
    given = ["030 1234567", "+49 30 1234567", "0049301234567", "+49 (0)30 1234567", "030/12 34-567", "0301234567 ext. 5", "12345"]
    connection = duckdb.connect()
    connection.execute("create table numbers as select unnest(range(len($1))) as record_id, unnest($1) as phone, 'DE' as country", [given])
    phones.normalise(connection, "numbers")
    settled = [phone for (phone,) in connection.sql("select phone from numbers order by record_id").fetchall()]
    assert settled == [phones.settle(phone, "DE") for phone in given]
    assert len(set(settled[:5])) == 1


def test_spellings_are_settled():
    connection = duckdb.connect()
    normalise.macros(connection)
    told = "identity_name('  MÜLLER-Lüdenscheidt '), identity_name('unbekannt'), identity_email('jo.doe+shop@googlemail.com'), identity_email('none')"
    assert connection.sql(f"select {told}").fetchone() == ("muller ludenscheidt", None, "jodoe@gmail.com", None)
    assert normalise.repair("MÃ¼ller") == "Müller"


def test_the_golden_record_takes_what_is_verified_then_newest_then_by_system():
    connection = duckdb.connect()
    connection.sql(
        """
        create table records as select * from (values
            ('crm', 'a', 'Ann', 'old@web.de', '10115', true, timestamp '2024-01-01'),
            ('shop', 'b', 'Anna', 'new@web.de', null, false, timestamp '2025-01-01'),
            ('mail', 'c', 'Anni', null, '20095', false, timestamp '2025-01-01')
        ) as t(system, subject_id, first_name, email, postcode, is_verified, updated_at);
        create table owners as select system, subject_id, 'p' as customer_id from records
        """
    )
    golden.choose(connection, "records", "owners", ["shop", "mail", "crm"], "golden")
    chosen = {
        name: (value, source) for name, value, source in connection.sql("select column_name, value, subject_id from golden").fetchall()
    }
    assert chosen == {"first_name": ("Ann", "a"), "email": ("old@web.de", "a"), "postcode": ("10115", "a")}
    connection.sql("update records set is_verified = false")
    golden.choose(connection, "records", "owners", ["shop", "mail", "crm"], "golden")
    chosen = {
        name: (value, source) for name, value, source in connection.sql("select column_name, value, subject_id from golden").fetchall()
    }
    assert chosen == {"first_name": ("Anna", "b"), "email": ("new@web.de", "b"), "postcode": ("20095", "c")}
