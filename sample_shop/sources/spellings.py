"""The ways in which people and programs write one thing, as SQL that the source systems share."""

from sample_shop.dirt import Dirt
from sample_shop.planting import utc

# How a thing is written beside the word that is right.
COUNTRIES = {
    "DE": ["Deutschland", "Germany", "de", "DEU"],
    "AT": ["Österreich", "Austria", "at"],
    "CH": ["Schweiz", "Switzerland", "Suisse"],
    "NL": ["Niederlande", "Netherlands", "Nederland"],
    "FR": ["Frankreich", "France", "fr"],
    "GB": ["Großbritannien", "United Kingdom", "UK"],
    "US": ["USA", "United States"],
}
CURRENCIES = {"EUR": ["€", "eur", "Euro"], "CHF": ["chf", "SFr.", "Fr."], "GBP": ["£", "gbp"], "USD": ["$", "usd", "US$"]}
STATUSES = {
    "placed": ["Placed", "neu"],
    "paid": ["Paid", "bezahlt"],
    "shipped": ["SHIPPED", "versandt"],
    "delivered": ["Delivered", "zugestellt"],
    "cancelled": ["Canceled", "storniert"],
    "returned": ["Returned", "retourniert"],
}
GENDERS = {"f": ["F", "female", "Frau", "W", "weiblich"], "m": ["M", "male", "Herr", "männlich"], "x": ["X", "divers", "diverse"]}
TIERS = {"none": ["None", "NONE"], "bronze": ["Bronze", " bronze"], "silver": ["SILVER", "Silver "], "gold": ["Gold", "GOLD "]}
CONSENTS = {"true": ["ja", "yes", "1", "J"], "false": ["nein", "no", "0", "N"]}
NICKNAMES = {
    "Alexander": "Alex",
    "Alexandra": "Alex",
    "Andreas": "Andi",
    "Angelika": "Geli",
    "Barbara": "Babsi",
    "Benjamin": "Ben",
    "Christian": "Chris",
    "Christina": "Tina",
    "Daniel": "Dani",
    "Elisabeth": "Lisa",
    "Franziska": "Franzi",
    "Friedrich": "Fritz",
    "Gabriele": "Gabi",
    "Hans-Jürgen": "Hajo",
    "Heinrich": "Heinz",
    "Johannes": "Hannes",
    "Josef": "Sepp",
    "Katharina": "Kathi",
    "Manfred": "Manni",
    "Margarete": "Grete",
    "Matthias": "Matze",
    "Maximilian": "Max",
    "Michael": "Michi",
    "Nikolaus": "Klaus",
    "Rudolf": "Rudi",
    "Sebastian": "Basti",
    "Stefanie": "Steffi",
    "Susanne": "Susi",
    "Thomas": "Tom",
    "Ulrich": "Uli",
    "Waltraud": "Traudl",
    "Wolfgang": "Wolf",
}
_ZONE = "Europe/Berlin"


def maybe(dirt: Dirt, error: str, key: str, wrong: str, right: str) -> str:
    """`wrong` for the rows that get the error."""
    return f"case when {dirt.hits(error, key)} then {wrong} else {right} end"


def form_of(dirt: Dirt, error: str, key: str, forms: list[str]) -> str:
    """One of these texts."""
    listed = ", ".join(f"'{form}'" for form in forms)
    return f"([{listed}])[{dirt.pick(error, key, len(forms))} + 1]"


def spelling(dirt: Dirt, error: str, key: str, column: str, forms: dict[str, list[str]]) -> str:
    """The right word, or by chance one of the other ways to write it."""
    cases = " ".join(f"when '{right}' then {form_of(dirt, error, key, wrong)}" for right, wrong in forms.items())
    return f"case when {dirt.hits(error, key)} then case {column} {cases} else {column} end else {column} end"


def local_time(column: str) -> str:
    """A time (UTC) on the clock of Berlin, without saying so."""
    return f"strftime(({column}) at time zone 'UTC' at time zone '{_ZONE}', '%Y-%m-%d %H:%M:%S')"


def written_time(dirt: Dirt, error: str, key: str, column: str) -> str:
    """A time (UTC) as text: as a rule the clock of Berlin, and by chance in another form that says the same.

    Of the hour that comes twice in autumn, the clock alone would not say which one it was.
    """
    local = f"(({column}) at time zone 'UTC' at time zone '{_ZONE}')"
    hours = f"date_diff('hour', date_trunc('second', {column}), date_trunc('second', {local}))"
    return f"""case when hour({local}) = 2 then {utc(column)}
        when {dirt.hits(error, key)} then case {dirt.pick(error, key, 3)}
        when 0 then {utc(column)}
        when 1 then strftime({local}, '%Y-%m-%dT%H:%M:%S+0') || {hours} || ':00'
        else strftime({local}, '%d.%m.%Y %H:%M:%S') end
        else {local_time(column)} end"""


def amount(cents: str) -> str:
    """Whole cents as text with two decimals."""
    euros, rest = f"cast(abs({cents}) // 100 as varchar)", f"lpad(cast(abs({cents}) % 100 as varchar), 2, '0')"
    return f"(case when {cents} < 0 then '-' else '' end || {euros} || '.' || {rest})"


def with_decimal_comma(text: str) -> str:
    """1234.50 as the Germans write it: 1.234,50."""
    return f"regexp_replace(replace({text}, '.', ','), '([0-9])([0-9]{{3}})([,])', '\\1.\\2\\3')"
