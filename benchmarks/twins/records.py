"""Records of people as they come in: by a form, from a list, from another system; complete or not, true or with slips."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from benchmarks.twins import names
from benchmarks.twins.people import CONVENTIONS, Person, Town, local, slug

# What makes a second record of somebody be a record of its own, and how often: nobody is doubled who comes with a known address.
HOW = {
    "same_mail": 10, "mail_variant": 8, "mail_typo": 8, "other_convention": 18, "private_mail": 24, "no_mail": 18, "moved": 9,
    "role_mail": 5,
}  # fmt: skip
ROLES = ("info", "office", "sales", "contact", "purchasing")
_KEYS = {"a": "sq", "e": "wr", "i": "uo", "o": "ip", "n": "bm", "r": "et", "s": "ad", "t": "ry", "l": "k", "c": "xv", "m": "n", "d": "sf"}


@dataclass
class Made:
    """A record of somebody; ``how`` is what made it a second one (empty: it is the first), ``slips`` what happened to it."""

    person: int
    fields: dict[str, str]
    how: str
    slips: list[str]


def first_record(town: Town, person: Person) -> Made:
    """Return the record by which somebody became known."""
    mail = town.random.random()
    address = person.mail if mail < 0.76 else person.private if mail < 0.90 else ""
    made = Made(person.number, _fields(town.random, person, address), "", [])
    if mail >= 0.985:  # nobody gave an address of their own
        made.fields["email"] = f"{town.random.choice(ROLES)}@{person.company.domain}"
    _slip(town.random, made, 0.5)
    return made


def further_record(town: Town, person: Person, first: Made) -> Made:
    """Return another record of somebody."""
    random = town.random
    how = random.choices(list(HOW), list(HOW.values()))[0]
    made = Made(person.number, _fields(random, person, person.mail), how, [])
    _later(town, how, made.fields)
    _MAILS[how](town, person, first, made)
    if not made.fields.get("email"):
        made.fields.pop("email", None)
    _slip(random, made, 1.0)
    return made


def _later(town: Town, how: str, told: dict[str, str]) -> None:
    """Change what changes between two records of somebody: titles are written otherwise, numbers are given up."""
    if "job_title" in told and town.random.random() < (0.7 if how == "moved" else 0.35):
        told["job_title"] = town.random.choice(names.TITLES)
    for name in ("phone", "mobile_phone"):
        if name in told and how != "moved" and town.random.random() < 0.06:
            told[name] = town.phone(told.get("country", "IT"), "3" if name == "mobile_phone" else "")


def _fields(random: Random, person: Person, mail: str) -> dict[str, str]:
    """Return what a channel asks for: lists know the company and the telephone, forms the address."""
    given = random.random
    is_list = given() < 0.45
    at = person.company
    suffix = f" {person.suffix}" if person.suffix and given() < 0.6 else ""
    told = {
        "first_name": person.first, "last_name": person.last + suffix, "email": mail,
        "company": f"{at.name} {at.form}" if given() < 0.6 else at.name, "job_title": person.title, "phone": person.office,
        "mobile_phone": person.mobile, "city": at.city, "country": at.country,
    }  # fmt: skip
    share = {
        "company": 0.93 if is_list else 0.72, "job_title": 0.7 if is_list else 0.4, "phone": 0.7 if is_list else 0.3,
        "mobile_phone": 0.5 if is_list else 0.35, "city": 0.7 if is_list else 0.35, "country": 0.85 if is_list else 0.5,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value and given() < share.get(name, 1.0)}


def _same(_town: Town, _person: Person, first: Made, made: Made) -> None:
    made.fields["email"] = first.fields.get("email", made.fields["email"])


def _variant(town: Town, person: Person, _first: Made, made: Made) -> None:
    name, _at, host = person.mail.partition("@")
    made.fields["email"] = town.random.choice((f"{name}+news@{host}", f"{name}+event@{host}", person.mail.upper(), f"{name}@mail.{host}"))


def _typo(town: Town, person: Person, _first: Made, made: Made) -> None:
    made.fields["email"] = slip_of(town.random, person.mail)


def _convention(town: Town, person: Person, _first: Made, made: Made) -> None:
    other = town.random.choice([each for each in CONVENTIONS[:3] if each != person.company.convention])
    made.fields["email"] = f"{local(person.first, person.last, other)}@{person.company.domain}"


def _private(_town: Town, person: Person, _first: Made, made: Made) -> None:
    made.fields["email"] = person.private


def _none(town: Town, person: Person, _first: Made, made: Made) -> None:
    made.fields["email"] = ""
    made.fields.setdefault("company", person.company.name)


def _moved(town: Town, person: Person, first: Made, made: Made) -> None:
    """A record of before: another employer. Most still have their mobile number, or gave their own address."""
    at = person.before
    made.fields |= {"email": person.mail_before, "company": at.name, "city": at.city, "country": at.country}
    made.fields.pop("phone", None)
    if town.random.random() < 0.7:
        made.fields["mobile_phone"] = first.fields["mobile_phone"] = person.mobile
    elif town.random.random() < 0.5:
        made.fields["email"] = person.private
        first.fields["email"] = person.private.upper() if town.random.random() < 0.3 else person.private


def _role(town: Town, person: Person, _first: Made, made: Made) -> None:
    made.fields["email"] = f"{town.random.choice(ROLES)}@{person.company.domain}"


_MAILS: dict[str, Callable[[Town, Person, Made, Made], None]] = {
    "same_mail": _same, "mail_variant": _variant, "mail_typo": _typo, "other_convention": _convention, "private_mail": _private,
    "no_mail": _none, "moved": _moved, "role_mail": _role,
}  # fmt: skip


def slip_of(random: Random, text: str) -> str:
    """Return a text with one slip of the finger: a letter doubled, lost, swapped with the next, or its neighbour on the keyboard."""
    places = [place for place, char in enumerate(text) if char.isalpha() and place]
    if len(places) < 3:
        return text
    at, kind = random.choice(places), random.randrange(4)
    if kind == 0:
        return text[:at] + text[at] + text[at:]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + random.choice(_KEYS.get(text[at].lower(), "e")) + text[at + 1 :]


def ascii_of(text: str) -> str:
    """Return a text as those write it who lack the letters: ``Țăranu`` is ``Taranu``, ``Müller`` sometimes ``Mueller``."""
    return " ".join(slug(word).capitalize() for word in text.split()) if not text.isascii() else text


def _umlauts(text: str) -> str:
    for letter, spelled in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("ø", "oe"), ("å", "aa")):
        text = text.replace(letter, spelled)
    return ascii_of(text)


def _slip(random: Random, made: Made, much: float) -> None:
    """Do to a record what happens to records; ``much`` scales how often."""
    for name, share, do in _SLIPS:
        if random.random() < share * much:
            before = dict(made.fields)
            do(random, made.fields)
            if made.fields != before:
                made.slips.append(name)


def _name_slip(random: Random, told: dict[str, str]) -> None:
    part = random.choice(("first_name", "last_name", "last_name"))
    if part in told:
        told[part] = slip_of(random, told[part])


def _nickname(random: Random, told: dict[str, str]) -> None:
    known = names.NICKNAMES.get(told.get("first_name", ""))
    if known:
        told["first_name"] = random.choice(known.split())


def _swapped(_random: Random, told: dict[str, str]) -> None:
    if {"first_name", "last_name"} <= told.keys():
        told["first_name"], told["last_name"] = told["last_name"], told["first_name"]


def _no_accents(random: Random, told: dict[str, str]) -> None:
    spell = _umlauts if random.random() < 0.3 else ascii_of
    told |= {name: spell(value) for name, value in told.items() if name in ("first_name", "last_name", "company", "city")}


def _one_field(random: Random, told: dict[str, str]) -> None:
    if {"first_name", "last_name"} <= told.keys():
        told["name"] = f"{told.pop('first_name')} {told.pop('last_name')}"


def _initial(_random: Random, told: dict[str, str]) -> None:
    if told.get("first_name"):
        told["first_name"] = told["first_name"][0] + "."


def _no_first(_random: Random, told: dict[str, str]) -> None:
    if "last_name" in told:
        told.pop("first_name", None)


def _shouted(random: Random, told: dict[str, str]) -> None:
    how = random.choice((str.upper, str.lower))
    told |= {name: how(value) for name, value in told.items() if name in ("first_name", "last_name", "company", "city")}


def _second_name(random: Random, told: dict[str, str]) -> None:
    if "first_name" in told:
        told["first_name"] += random.choice((" Maria", " M.", "-Anne", " Paul"))


def _company_slip(random: Random, told: dict[str, str]) -> None:
    if "company" in told:
        told["company"] = random.choice((slip_of(random, told["company"]), told["company"].split()[0], told["company"].replace(" ", "")))


def _phone_written(random: Random, told: dict[str, str]) -> None:
    for name in ("phone", "mobile_phone"):
        if name in told:
            prefix, _gap, number = told[name].partition(" ")
            cut = f"{number[:3]}-{number[3:]}"
            ways = (f"00{prefix[1:]}{number}", f"{prefix}{number}", f"{prefix} (0) {cut}", cut if prefix == "+1" else f"0{number}")
            told[name] = random.choice(ways)


def _phone_place(_random: Random, told: dict[str, str]) -> None:
    """The mobile number stands where the telephone's should."""
    if "mobile_phone" in told:
        told["phone"] = told.pop("mobile_phone")


_SLIPS: tuple[tuple[str, float, Callable[[Random, dict[str, str]], None]], ...] = (
    ("phone_place", 0.15, _phone_place), ("phone_written", 0.5, _phone_written), ("nickname", 0.12, _nickname),
    ("second_name", 0.03, _second_name), ("name_slip", 0.07, _name_slip), ("no_accents", 0.45, _no_accents), ("initial", 0.03, _initial),
    ("no_first", 0.015, _no_first), ("swapped", 0.03, _swapped), ("one_field", 0.08, _one_field), ("shouted", 0.08, _shouted),
    ("company_slip", 0.08, _company_slip),
)  # fmt: skip
