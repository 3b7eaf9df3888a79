"""Fields that must not be used: who somebody is, rather than what they want."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class _Told:
    """What a field tells: by its whole name, by words that follow one another anywhere in it, or by those at its end.

    Those at its end tell nothing where it begins with one of ``NOT_ITSELF``; none does where one of ``beside`` says what it is of.
    """

    what: str
    whole: frozenset[str] = frozenset()
    anywhere: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NOT_ITSELF = _words("do no not has is can opt opted allow wants")  # do_not_email says what somebody wants
OF_THINGS = _words("account business company contract deal domain firm opportunity page record site subscription website")
# English, Italian and Romanian; company_name and product_name are no person's, nor is a language that programs are written in.
TOLD = (
    _Told(
        "a name",
        whole=_words("name person_name contact_name lead_name customer_name client_name user_name member_name subscriber_name nome nume"),
        anywhere=_words(
            "first_name last_name full_name middle_name given_name family_name maiden_name firstname lastname surname cognome prenume "
            "nickname nome_completo nume_complet nume_de_familie"
        ),
    ),
    _Told("a gender", anywhere=_words("gender sex sesso genere gen salutation honorific pronoun pronouns mr_mrs mr_ms")),
    _Told(
        "a nationality, an origin or a faith",
        anywhere=_words(
            "nationality ethnicity ethnic race nazionalita nationalitate citizenship cittadinanza cetatenie religion religione religie "
            "place_of_birth birth_place birthplace country_of_birth birth_country city_of_birth birth_city luogo_di_nascita locul_nasterii "
            "native_language mother_tongue madrelingua lingua_madre limba_materna"
        ),
    ),
    _Told("an age", whole=_words("eta varsta"), anywhere=_words("birth birthday birthdate birthyear dob nascita nasterii years_old")),
    _Told("an age", anywhere=_words("age"), beside=OF_THINGS),
    _Told("health or family", anywhere=_words("disability disabilita health marital pregnant pregnancy children")),
    _Told(
        "an address of one person",
        last=_words(
            "email mail email_address mail_address phone phone_number mobile mobile_number telephone telephone_number telefono telefon "
            "cellulare ip ip_address linkedin linkedin_url linkedin_profile street street_address home_address address_1 address_line_1 "
            "indirizzo"
        ),
    ),
    _Told(
        "most likely an origin",
        last=_words("language lingua limba locale postal_code postcode post_code zip zip_code zipcode codice_postale cod_postal"),
        beside=_words("programming company business account webinar content course page product site"),
    ),
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
    spaced, parts = f"_{name}_", name.split("_")
    for each in TOLD:
        is_there = any(f"_{words}_" in spaced for words in each.anywhere)
        is_last = parts[0] not in NOT_ITSELF and any(spaced.endswith(f"_{words}_") for words in each.last)
        if name in each.whole or ((is_there or is_last) and each.beside.isdisjoint(parts)):
            return each.what
    return None
