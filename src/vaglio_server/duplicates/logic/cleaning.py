"""A lead's fields as they are compared: folded, without what only its writer cares about."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from vaglio.text import fold
from vaglio_server.crm.logic.companies import bare
from vaglio_server.crm.logic.domains import FREE, company_domain
from vaglio_server.duplicates.logic.nicknames import groups

FIELDS = ("first_name", "last_name", "name", "email", "company", "phone", "mobile_phone", "city", "country", "job_title")
_LETTERS = str.maketrans({"ø": "o", "æ": "a", "đ": "d", "ł": "l", "ı": "i", "œ": "o", "’": "", "'": "", "`": ""})
_TWO_LETTERS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("ss", "s"), ("aa", "a"))  # so that Müller is Mueller
_GAPS = re.compile(r"[\W_]+")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_SUFFIXES = {"jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr", "ii": "jr", "iii": "iii"}
_TITLE_WORDS = "mr mrs ms dr prof ing dott dssa dottssa avv sig sigra herr frau mme mlle sra dl dna"
_TITLES = frozenset(_TITLE_WORDS.split())
# Addresses that are read by more than one person.
_ROLES = """
info office sales contact contacts contatti contacto kontakt mail email post posta hello ciao support help admin administrator
administration amministrazione administracion buchhaltung verwaltung segreteria sekretariat secretariat secretaria service
servicio vertrieb vendite vanzari ventas vente commerciale comercial commercial marketing purchasing acquisti einkauf achats
compras achizitii order orders ordini bestellung hr jobs career careers team press presse stampa webmaster postmaster noreply
direzione direction reception enquiries accounting billing invoice
"""
ROLES = frozenset(_ROLES.split())
NUMBER = 8  # last digits of a telephone number: what stays, however country and area are written


class Cleaned(NamedTuple):
    """What is compared of a lead; None where there is nothing. ``mail`` is nobody's where several people read it."""

    first: str | None
    last: str | None
    suffix: str | None
    groups: list[int]
    mail: str | None
    mail_name: str | None
    mail_own: str | None
    is_second: bool
    domain: str | None
    domain_key: str | None
    company: str | None
    company_key: str | None
    mobile: str | None
    numbers: list[str]
    city: str | None
    country: str | None
    title: str | None


@lru_cache(maxsize=200_000)
def spelled(text: str) -> str:
    """Return the words of a text, folded, as they sound in any spelling: ``Müller-Weiß`` and ``MUELLER WEISS`` are one."""
    plain = fold(text).translate(_LETTERS)
    for long, short in _TWO_LETTERS:
        plain = plain.replace(long, short)
    return " ".join(word for word in _GAPS.split(plain) if word)


@lru_cache(maxsize=1)
def _nicknames() -> dict[str, list[int]]:
    return {name: sorted(numbers) for name, numbers in groups(spelled).items()}


def cleaned(fields: Mapping[str, Any]) -> Cleaned:
    """Return what is compared of a lead with these fields."""
    text = {name: _text(fields.get(name)) for name in FIELDS}
    first, last, suffix = _person(text["first_name"], text["last_name"], text["name"])
    address, host, mail = _mail(text["email"])
    domain = _company_of(host) if host else None
    if address and not first:
        first = _first_in(address, last)
    company = spelled(_of_company(text["company"])) or None
    numbers = [_number(text["phone"]), _number(text["mobile_phone"])]
    return Cleaned(
        first, last, suffix, _nicknames().get(first.split()[0], []) if first else [], mail, address if mail else None,
        _own(address, last) if mail else None, _is_second(address, domain), domain, _label(domain), company, _key(company),
        numbers[1], sorted({each for each in numbers if each}),
        spelled(text["city"]) or None, spelled(text["country"]) or None, spelled(text["job_title"]) or None,
    )  # fmt: skip


def _text(value: Any) -> str:
    return value[:200] if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _person(first: str, last: str, name: str) -> tuple[str | None, str | None, str | None]:
    """Return first name, last name, and which of a family who share them."""
    firsts, lasts, suffix = _words(first), _words(last), None
    if name and not (firsts and lasts):
        whole = _words(name)
        if "," in name:  # Rossi, Anna
            before = _words(name.partition(",")[0])
            whole = [*whole[len(before) :], *before]
        firsts, lasts = _split(whole) if len(whole) > 1 else (firsts, lasts or whole)
    for words in (lasts, firsts):
        if len(words) > 1 and words[-1] in _SUFFIXES:
            suffix = _SUFFIXES[words.pop()]
    return " ".join(firsts) or None, " ".join(lasts) or None, suffix


def _words(text: str) -> list[str]:
    found = spelled(text).split()
    return [word for word in found if word not in _TITLES] or found


_PARTICLE_WORDS = "de di del della von van der den da dos la le du des san"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the words of a whole name as first and last: the last word is the surname, with what belongs to it."""
    start = len(words) - 1
    if words[start] in _SUFFIXES and start > 1:
        start -= 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return words[:start], words[start:]


def _mail(email: str) -> tuple[str, str, str | None]:
    """Return the name and the host of an address, and the address as whoever reads it is reached; None: several people may read it."""
    address, _at, host = fold(email.strip()).rpartition("@")
    address = address.partition("+")[0]
    if not address or "." not in host:
        return "", "", None
    if host in {"googlemail.com", "gmail.com"}:
        address, host = address.replace(".", ""), "gmail.com"
    host = host if host in FREE else _company_of(host) or host
    return address, host, None if _NOT_DIGITS.sub("", address) == address or address in ROLES else f"{address}@{host}"


def _own(address: str, last: str | None) -> str | None:
    """Return an address' name where the surname is not in it and it is not one that many have, as a first name is."""
    sound = spelled(address).replace(" ", "")
    return sound if len(sound) > 7 and (last is None or last.replace(" ", "") not in sound) else None


def _is_second(address: str, domain: str | None) -> bool:
    """Whether a company had to number an address, because somebody else there is called the same."""
    return domain is not None and len(address) > 4 and address[-1] in "23456789" and address[-2].isalpha()


def _first_in(address: str, last: str | None) -> str | None:
    """Return the first name that an address says beside a surname: ``anna.rossi`` is of Anna."""
    parts = [part for part in _GAPS.split(address) if part.isalpha()]
    if last is None or len(parts) != 2:
        return None
    sound = [spelled(part) for part in parts]
    whole = last.replace(" ", "")
    return sound[1 - sound.index(whole)] if whole in sound else None


@lru_cache(maxsize=200_000)
def _company_of(host: str) -> str | None:
    return company_domain(f"x@{host}")


@lru_cache(maxsize=200_000)
def _of_company(name: str) -> str:
    return " ".join(bare(name))


@lru_cache(maxsize=200_000)
def _label(domain: str | None) -> str | None:
    """Return a company's name as its domain has it: ``acme-italia.it`` is acmeitalia."""
    return spelled(domain.partition(".")[0]).replace(" ", "") if domain else None


def _key(company: str | None) -> str | None:
    return company.replace(" ", "") if company else None


def _number(phone: str) -> str | None:
    digits = _NOT_DIGITS.sub("", phone.partition("x")[0])
    return digits[-NUMBER:] if len(digits) >= NUMBER else None
