"""Countries as people write them, and the one form in which they are kept: the two letters of ISO 3166-1 (decision 27).

Pure: no clock, no language of the reader, nothing but the text. Names are those of CLDR, which the library Babel brings.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher, get_close_matches
from functools import cache, lru_cache

from vaglio.text import fold, is_word_character

# Names are understood in the official languages of the European Union and of its neighbours, and in those of the largest other markets.
LANGUAGES = (
    "en", "it", "ro", "de", "fr", "es", "pt", "nl", "pl", "cs", "sk", "hu", "sl", "hr", "sr", "bg", "el", "sv", "da", "nb", "fi", "et",
    "lv", "lt", "ga", "mt", "ca", "tr", "uk", "ru", "zh", "ja", "ko",
)  # fmt: skip
# Two letters that CLDR names and that are no country of ISO 3166-1: unions, islands that have no code of their own, and what is unknown.
# XK stays: no ISO code, but the one that everybody uses for Kosovo.
NO_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
# What means one country to some and another to others; in some language CLDR may call one of them so.
AMBIGUOUS: dict[str, tuple[str, ...]] = {"Congo": ("CD", "CG"), "Korea": ("KR", "KP"), "Virgin Islands": ("VI", "VG")}
# What people, other systems and ISO itself write beside CLDR's names.
ALIASES: dict[str, str] = {
    "AE": "Emirates|UAE|EAU",
    "BA": "Bosnia|Bosnien",
    "BN": "Brunei Darussalam",
    "BO": "Bolivia Plurinational State of|Plurinational State of Bolivia",
    "CD": "Democratic Republic of the Congo|Congo Democratic Republic of the|The Democratic Republic of the Congo|DR Congo|DRC"
          "|Congo The Democratic Republic of the|Zaire",
    "CG": "Republic of the Congo|Congo Republic of the|Congo Republic",
    "CH": "SUI|Confoederatio Helvetica|Swiss Confederation",
    "CI": "Ivory Coast|Cote d Ivoire|Elfenbeinküste|Coasta de Fildeș",
    "CN": "PRC|People s Republic of China|Mainland China|Repubblica Popolare Cinese|VR China",
    "CV": "Cabo Verde",
    "CZ": "Czech Republic|Repubblica Ceca|Republica Cehă|Tschechische Republik|République tchèque|República Checa|Česká republika",
    "DE": "GER|Bundesrepublik Deutschland|Federal Republic of Germany|BRD",
    "BG": "BUL",
    "DK": "DEN",
    "FK": "Falkland Islands Malvinas|Malvinas",
    "FM": "Micronesia Federated States of|Federated States of Micronesia",
    "GB": "UK|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|Gran Bretagna|Inghilterra|Scozia|Galles|Marea Britanie"
          "|Anglia|Großbritannien|Grande Bretagne|Angleterre|Gran Bretaña|Inglaterra"
          "|United Kingdom of Great Britain and Northern Ireland",
    "GR": "GRE|Hellas|Hellenic Republic",
    "HK": "Hong Kong|Hongkong|Hong Kong SAR",
    "HR": "CRO",
    "IE": "Eire|Republic of Ireland|Ireland Republic of|Southern Ireland",
    "IR": "Iran Islamic Republic of|Islamic Republic of Iran|Persia",
    "IT": "Repubblica Italiana|Italian Republic",
    "KP": "Korea Democratic People s Republic of|Democratic People s Republic of Korea|DPRK",
    "KR": "Korea Republic of|Republic of Korea|Korea South|South Corea",
    "LA": "Lao People s Democratic Republic|Lao PDR",
    "LY": "Libyan Arab Jamahiriya",
    "MD": "Moldova Republic of|Republic of Moldova|Moldavia|Repubblica di Moldova|Moldau",
    "MK": "Macedonia|FYROM|Republic of North Macedonia|Macedonia the former Yugoslav Republic of|Mazedonien|Macédoine",
    "MM": "Burma|Birmania|Birmanie",
    "MO": "Macao|Macau|Macao SAR",
    "NL": "NED|Holland|The Netherlands|Olanda|Hollande|Holanda|Kingdom of the Netherlands",
    "PS": "Palestine|State of Palestine|Palestine State of|Palestinian Territory Occupied|Palestina|Palästina",
    "PT": "POR",
    "RO": "ROM",
    "RU": "Russian Federation|Federazione Russa|Federația Rusă|Russische Föderation|Fédération de Russie|Federación Rusa",
    "SH": "Saint Helena Ascension and Tristan da Cunha",
    "SK": "Slovak Republic|Repubblica Slovacca",
    "ST": "Sao Tome",
    "SX": "Sint Maarten Dutch part",
    "MF": "Saint Martin French part",
    "SY": "Syrian Arab Republic",
    "SZ": "Swaziland",
    "TL": "East Timor|Timor Est",
    "TR": "Turkey|Republic of Turkey|Republic of Türkiye|Turkiye",
    "TW": "Taiwan Province of China|Republic of China|Chinese Taipei|Taiwan ROC",
    "TZ": "Tanzania United Republic of|United Republic of Tanzania",
    "US": "USA|U S A|U S|US of A|United States of America|Stati Uniti d America|SUA|Statele Unite|Vereinigte Staaten von Amerika"
          "|États Unis d Amérique|EUA|EE UU|EEUU|Estados Unidos de América|Etats Unis",
    "VA": "Holy See|Holy See Vatican City State|Vatican|Vaticano|Vatican City State|Santa Sede",
    "VE": "Venezuela Bolivarian Republic of|Bolivarian Republic of Venezuela",
    "VG": "Virgin Islands British",
    "VI": "Virgin Islands US|United States Virgin Islands|US Virgin Islands",
    "VN": "Viet Nam",
}  # fmt: skip
LONGEST = 200  # characters; more is a text, and no name of a country
_BETWEEN = re.compile(r"[()\[\]{}/|,;:]|\s[-–—]\s")  # of what says a country twice, such as "Italy (IT)"
_SMALL = frozenset(["the", "and", "und", "et", "e", "ed", "y", "si", "i", "og", "och"])
_CLOSE = 0.75  # difflib's ratio, of names that are offered
_AS_CLOSE = 0.05  # how much less close a second one may be


@lru_cache(maxsize=65_536)
def code_of(text: str) -> str | None:
    """Return the two letters of the country that a text means; None where it means none, or could mean several.

    Understood are the codes of two letters, three letters and three digits, CLDR's names in ``LANGUAGES``, everyday names, and two or more
    of these together where all mean the same ("Italy (IT)"). Case, accents, dots and spaces make no difference.
    """
    if len(text) > LONGEST:
        return None
    if found := _sole(_key(text)):
        return found
    parts = {_sole(key) for part in _BETWEEN.split(text) if (key := _key(part))}
    return parts.pop() if len(parts) == 1 else None


def in_one_form(text: str) -> str:
    """Return a country as it is kept: its two letters; where it is not known, the text as it is."""
    return code_of(text) or text


@lru_cache(maxsize=1024)
def offers(text: str) -> tuple[str, ...]:
    """Return the codes of at most two countries that an unknown text could mean, the likelier first, for a person to choose from."""
    if len(text) > LONGEST or code_of(text) is not None:
        return ()
    key = _key(text)
    if several := _meant().get(key):
        return several[:2]
    close = get_close_matches(key, _long(), n=6, cutoff=_CLOSE)
    least = max((_likeness(name, key) for name in close), default=0) - _AS_CLOSE
    return tuple(dict.fromkeys(code for name in close if _likeness(name, key) >= least for code in _meant()[name]))[:2]


def _likeness(name: str, key: str) -> float:
    return SequenceMatcher(None, name, key).ratio()


@cache
def codes() -> tuple[str, ...]:
    """Return the two letters of every country, in their order."""
    return tuple(sorted(code for code in _territories("en") if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES))


@lru_cache(maxsize=16)
def names(language: str) -> dict[str, str]:
    """Return what countries are called in a language (named as browsers and Django do), by their codes; in English where that is none."""
    from babel import Locale, UnknownLocaleError

    try:
        found = _territories(str(Locale.parse(language.replace("-", "_"))))
    except (UnknownLocaleError, ValueError):
        found = {}
    english = _territories("en")
    return {code: found.get(code) or english[code] for code in codes()}


def name_of(code: str, language: str) -> str:
    """Return what a country is called in a language; what is no code is returned as it is."""
    return names(language).get(code, code)


def _territories(language: str) -> dict[str, str]:
    from babel import localedata

    found = dict(localedata.load(language)["territories"])
    localedata._cache.clear()  # it would hold whole locales, with days and plurals: 35 MB for what is asked here
    return found


def _key(text: str) -> str:
    """Return what the ways of writing a name have in common."""
    bare = fold(text).replace(".", "")
    words = "".join(sign if is_word_character(sign) else " " for sign in bare).split()
    if len(words) > 1:
        words = ["saint" if word == "st" else word for word in words if word not in _SMALL]
    return " ".join(words)


def _sole(key: str) -> str | None:
    """Return the only country that a key means."""
    found = _meant().get(key, ())
    return found[0] if len(found) == 1 else None


@cache
def _meant() -> dict[str, tuple[str, ...]]:
    """Return the codes of the countries that a key can mean. Where a text is a code, it is meant as one, whatever else is called so."""
    found: dict[str, dict[str, None]] = {}
    for code, text in _names_known():
        found.setdefault(_key(text), {})[code] = None
    for text, several in AMBIGUOUS.items():
        found[_key(text)] = dict.fromkeys(several)
    for code, text in _codes_known():
        found[_key(text)] = {code: None}
    found.pop("", None)
    return {key: tuple(its) for key, its in found.items()}


@cache
def _long() -> tuple[str, ...]:
    """Return the keys of names: three letters are close to anything."""
    return tuple(key for key in _meant() if len(key) > 3)


def _names_known() -> Iterator[tuple[str, str]]:
    known = frozenset(codes())
    for language in LANGUAGES:
        yield from ((code, name) for code, name in _territories(language).items() if code in known)
    for code, written in ALIASES.items():
        yield from ((code, name) for name in written.split("|"))


def _codes_known() -> Iterator[tuple[str, str]]:
    """Yield two letters with the codes that mean the same: CLDR knows those of three letters, of three digits, and those of old."""
    from babel.core import get_global

    known = frozenset(codes())
    aliases = get_global("territory_aliases").items()
    yield from ((its[0], text) for text, its in aliases if len(its) == 1 and its[0] in known)
    yield from ((code, code) for code in known)
