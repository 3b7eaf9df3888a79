"""What columns are called in files of contacts: as leads have them, with the names that other systems give to contacts alone."""

from collections.abc import Collection, Sequence

from vaglio_server.imports.logic.headings import (
    BARE,
    BY_HAND,
    EXTERNAL_ID,
    FIELD_OF,
    LEFT_OUT,
    OWNER,
    own_name,
    plain,
    system_of,
    with_one_name,
)

_SAID = {
    EXTERNAL_ID: "record id contact|contact record id|id contact|id persoana",
    "name": "contact|contact full name|contatto|nome contatto|referente|nome referente|persona di riferimento|contact principal"
    "|persoana de contact|persoana contact|nume contact",
    "email": "contact email|contact email address|email contatto|email referente|email contact|person email home|person email other",
    "job_title": "contact title|contact job title|ruolo referente|functie contact",
    "phone": "contact phone|telefono referente|telefon contact|telephone 1",
    "company": "account|account name account name|associated company|associated company primary|primary company|parent customer"
    "|company name company|parent account|cliente|client",
    "street": "mailing street|mailing address|mailing address line 1|address 1 street|contact street",
    "city": "mailing city|address 1 city|contact city",
    "state": "mailing state|mailing state province|mailing state province text only|address 1 state province|contact state",
    "postal_code": "mailing zip|mailing zip postal code|mailing postal code|address 1 zip postal code|contact zip",
    "country": "mailing country|mailing country text only|address 1 country region|contact country",
}  # fmt: skip
CONTACT_OF = FIELD_OF | {said: field for field, words in _SAID.items() for said in words.split("|")}
# Headings that only files of contacts have.
MARKS = frozenset({
    *("contact id", "do not modify contact", "record id contact", "contact owner alias", "contact full name", "reports to"),
    *("mailing street", "mailing city", "mailing state", "mailing state province", "mailing zip postal code", "mailing country"),
    *("associated company", "associated company ids", "person owner", "id contatto", "contatto", "nome contatto", "proprietario contatto"),
    *("proprietario del contatto", "titolare contatto", "referente", "nome referente", "id contact", "nume contact", "persoana de contact"),
    "proprietar contact",
})  # fmt: skip


def proposed_contact(headings: Sequence[str], fields: Collection[str]) -> list[str | None]:
    """Return what each column of a file of contacts is: only what contacts have a field for, no field twice."""
    found: list[str | None] = []
    is_by_hand = system_of(headings) == BY_HAND
    for heading in headings:
        bare = plain(heading)
        field = CONTACT_OF.get(bare, own_name(heading))
        is_ours = not bare.startswith(LEFT_OUT) or field == EXTERNAL_ID
        is_nobodys = is_by_hand and bare in BARE  # of lists numbered by hand, everybody's first would be one contact
        fits = field in fields or field in {EXTERNAL_ID, OWNER}
        found.append(field if is_ours and fits and not is_nobodys and field not in found else None)
    return with_one_name(found, headings)
