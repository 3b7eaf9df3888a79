"""Fields that must not be used: who somebody is, rather than what they want."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class _Told:
    """What a field tells: by its whole name, by a word anywhere in it, or by its last word unless it begins with one of ``NOT_ITSELF``."""

    what: str
    whole: frozenset[str] = frozenset()
    anywhere: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NOT_ITSELF = _words("do no not has is can opt opted allow wants")  # do_not_email says what somebody wants
# English, Italian and Romanian; company_name and product_name are no person's.
TOLD = (
    _Told(
        "a name",
        whole=_words("name full_name first_name last_name middle_name contact_name person_name nome nome_completo nume nume_complet"),
        anywhere=_words("firstname lastname surname cognome prenume nickname"),
    ),
    _Told("a gender", anywhere=_words("gender sex sesso genere gen salutation")),
    _Told(
        "an age",
        whole=_words("age age_group age_range age_band eta varsta"),
        anywhere=_words("birth birthday birthdate dob nascita nasterii"),
    ),
    _Told(
        "a nationality, an origin or a faith",
        anywhere=_words(
            "nationality ethnicity ethnic race nazionalita nationalitate citizenship cittadinanza cetatenie religion religione religie"
        ),
    ),
    _Told("health or family", anywhere=_words("disability disabilita health marital pregnant pregnancy children")),
    _Told("an address of one person", last=_words("email mail phone mobile telephone telefono telefon cellulare ip linkedin")),
)


def refused(names: Iterable[str], allowed: Iterable[str] = ()) -> dict[str, str]:
    """Return the fields that tell who a person is, by name, each with what it tells; those ``allowed`` and a company's are let through."""
    may = set(allowed)
    found = {}
    for name in names:
        told = None if name in may or name.startswith("account.") else _tells(name.lower())
        if told:
            found[name] = told
    return found


def _tells(name: str) -> str | None:
    parts = name.split("_")
    for each in TOLD:
        is_last = parts[-1] in each.last and parts[0] not in NOT_ITSELF
        if name in each.whole or each.anywhere & set(parts) or is_last:
            return each.what
    return None
