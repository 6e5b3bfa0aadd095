"""Names, streets and cities of seven countries: word lists, from Faker where it has them."""

from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Country:
    """What a country's addresses are made of. `postcode` holds a letter-free form: # is a digit, ? a letter."""

    code: str
    share: float
    dialling_code: str
    currency: str
    female: list[str]
    male: list[str]
    last: list[str]
    streets: list[str]
    cities: list[str]
    postcode: str


_GERMAN_ENDINGS = ["straße", "weg", "gasse", "ring", "allee"]
_SWISS_ENDINGS = ["strasse", "weg", "gasse"]
_DUTCH_ENDINGS = ["straat", "laan", "weg", "plein"]
_ENGLISH_ENDINGS = [" Street", " Road", " Lane", " Avenue", " Close"]
_FRENCH = [
    "Paris",
    "Lyon",
    "Marseille",
    "Lille",
    "Nantes",
    "Toulouse",
    "Bordeaux",
    "Strasbourg",
    "Nice",
    "Rennes",
    "Reims",
    "Dijon",
    "Angers",
    "Metz",
    "Tours",
    "Brest",
    "Caen",
    "Rouen",
]
_BRITISH = [
    "London",
    "Leeds",
    "Bristol",
    "Manchester",
    "Glasgow",
    "Edinburgh",
    "Cardiff",
    "Oxford",
    "York",
    "Bath",
    "Derby",
    "Exeter",
    "Norwich",
    "Leicester",
    "Hull",
    "Swansea",
]
_AMERICAN = [
    "Boston",
    "Austin",
    "Portland",
    "Seattle",
    "Denver",
    "Chicago",
    "Madison",
    "Houston",
    "Phoenix",
    "Dallas",
    "Omaha",
    "Tucson",
    "Oakland",
    "Raleigh",
    "Buffalo",
]


def countries() -> list[Country]:
    """The countries that the shop delivers to, with the share of households."""
    return [
        _country("DE", 0.70, "+49", "EUR", "de_DE", _GERMAN_ENDINGS, [], "#####"),
        _country("AT", 0.10, "+43", "EUR", "de_AT", _GERMAN_ENDINGS, [], "####"),
        _country("CH", 0.07, "+41", "CHF", "de_CH", _SWISS_ENDINGS, [], "####"),
        _country("NL", 0.06, "+31", "EUR", "nl_NL", _DUTCH_ENDINGS, [], "#### ??"),
        _country("FR", 0.03, "+33", "EUR", "fr_FR", ["rue ", "chemin ", "avenue "], _FRENCH, "#####"),
        _country("GB", 0.025, "+44", "GBP", "en_GB", _ENGLISH_ENDINGS, _BRITISH, "??# #??"),
        _country("US", 0.015, "+1", "USD", "en_US", _ENGLISH_ENDINGS, _AMERICAN, "#####"),
    ]


def _country(
    code: str, share: float, dialling_code: str, currency: str, locale: str, endings: list[str], cities: list[str], postcode: str
) -> Country:
    person = import_module(f"faker.providers.person.{locale}").Provider
    address = import_module(f"faker.providers.address.{locale}").Provider
    last = sorted(set(person.last_names))
    streets = [ending + name if ending.endswith(" ") else name + ending for name in last[::2] for ending in endings]
    return Country(
        code=code,
        share=share,
        dialling_code=dialling_code,
        currency=currency,
        female=sorted(set(person.first_names_female)),
        male=sorted(set(person.first_names_male)),
        last=last,
        streets=streets,
        cities=sorted(cities or set(address.cities)),
        postcode=postcode,
    )
