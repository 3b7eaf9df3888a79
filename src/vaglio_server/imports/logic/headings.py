"""What columns are called in other systems and languages, and which field of a lead that is.

Headings as exported by Salesforce, HubSpot, Dynamics 365 and Pipedrive, and as people write them in English, Italian, Romanian and German.
"""

from collections.abc import Collection, Sequence

from vaglio.text import snake_case
from vaglio_server.crm.logic.fields import LONGEST_NAME

EXTERNAL_ID = "external_id"  # no field: by what the other system knows the person
OWNER = "owner"  # of files of leads and contacts: the user whose they are
ACTIVITY_TYPE, OCCURRED_AT, ACTIVITY_ID = "activity_type", "occurred_at", "activity_id"  # of files of activities
LIST = "list"  # of files of companies: the list that one is put on
BY_HAND = "file"  # the system of a file that no system is known by
WHOLE = frozenset({"nume"})  # a surname beside a first name, else all of a name
BARE = frozenset({"id", "codice cliente"})
# In whatever file it stands; each kind of file adds its own.
EMAIL = (
    "email|e mail|email address|mail|indirizzo email|indirizzo e mail|indirizzo mail|indirizzo di posta elettronica|posta elettronica"
    "|adresa de email|adresa email|adresa de e mail|adresa e mail|e mail adresse|email adresse|mailadresse"
)
_SAID = {
    EXTERNAL_ID: "lead id|record id|contact id|person id|prospect id|id|do not modify lead|do not modify contact"
    "|codice cliente|id contatto",
    "first_name": "first name|firstname|given name|person first name|nome|prenume|prenumele|vorname",
    "last_name": "last name|lastname|surname|family name|person last name|cognome|nume de familie|nume|nachname|familienname",
    "name": "name|full name|person name|contact name|lead name|contact person|nome completo|nome e cognome|nume complet|nume si prenume"
    "|vollstandiger name|ansprechpartner",
    "email": EMAIL + "|work email|business email|person email|person email work|email work",
    "job_title": "job title|title|position|role|person job title|ruolo|qualifica|mansione|posizione|funzione|functie|functia|pozitie|titlu"
    "|berufsbezeichnung|funktion|stellenbezeichnung",
    "department": "department|reparto|dipartimento|ufficio|departament|departamentul|abteilung",
    "company": "company|company name|company account|account name|organization|organisation|organization name"
    "|lead organization|person organization|employer|azienda|societa|ragione sociale|nome azienda|impresa"
    "|companie|compania|firma|denumire firma|denumire companie|denumirea companiei|nume companie|numele companiei|nume firma"
    "|firma azienda|azienda firma|unternehmen|firmenname",
    "phone": "phone|phone number|business phone|work phone|telephone|person phone|person phone work|telefono"
    "|numero di telefono|telefon|numar de telefon|nr telefon|telefonnummer",
    "mobile_phone": "mobile|mobile phone|mobile phone number|cell|cell phone|person phone mobile|cellulare|telefono cellulare"
    "|mobil|telefon mobil|handy|mobilnummer|mobiltelefon",
    "website": "website|website url|web site|url|company domain name|sito|sito web|pagina web|site|site web",
    "language": "language|preferred language|lingua|limba|sprache",
    "industry": "industry|sector|settore|settore di attivita|industria|industrie|domeniu|domeniu de activitate|branche",
    "employees": "employees|number of employees|no of employees|no employees|num employees|company size|employee count"
    "|headcount|dipendenti|numero dipendenti|numero di dipendenti|n dipendenti|angajati|numar angajati"
    "|numar de angajati|nr angajati|mitarbeiter|mitarbeiterzahl|anzahl mitarbeiter",
    "bant_budget": "bant budget",
    "bant_authority": "bant authority",
    "bant_need": "bant need",
    "bant_timeline": "bant timeline",
    "lead_source": "lead source|source|original source|lead source original|fonte|origine|provenienza|sursa|sursa lead",
    "street": "street|address|street address|address 1 street 1|indirizzo|via|adresa|strada|strasse|adresse",
    "postal_code": "postal code|zip|zip code|zip postal code|postcode|cap|codice postale|cod postal|plz|postleitzahl",
    "city": "city|town|citta|comune|oras|localitate|ort|stadt",
    "state": "state|state or province|province|region|state province|state region|county|provincia|regione|judet|judetul",
    "country": "country|country region|paese|nazione|stato|tara|land",
    OWNER: "owner|owner name|lead owner|lead owner name|lead owner full name|contact owner|contact owner name|contact owner full name"
    "|hubspot owner|person owner|account manager|assigned to|sales owner|proprietario|proprietario lead|proprietario del lead"
    "|proprietario contatto|proprietario del contatto|titolare|titolare lead|titolare contatto|responsabile|commerciale|agente"
    "|assegnato a|proprietar|proprietar lead|proprietar contact|proprietarul|responsabil|responsabil vanzari|agent|agent vanzari"
    "|alocat lui",
}
_DOING = {
    EXTERNAL_ID: "lead id|record id|contact id|person id|prospect id|who id|name id|id contatto|associated contact id|do not modify lead",
    "email": EMAIL + "|contact email|lead email|person email|person email work|recipient|recipient email|associated contact email",
    ACTIVITY_TYPE: "activity type|activity|event|event name|event type|type|task type|action|engagement type"
    "|tipo|tipo attivita|tipo di attivita"
    "|attivita|evento|azione|tip|tip activitate|tipul activitatii|activitate|eveniment|actiune",
    OCCURRED_AT: "occurred at|activity date|date|date time|datetime|timestamp|time|when|event date|event time"
    "|start date|due date|created date"
    "|created at|create date|created on|add time|done time|marked as done time|actual end|last modified date|original timestamp"
    "|data|data e ora|data ora|data attivita|data evento|quando|data si ora|data activitatii|data evenimentului|ora",
    ACTIVITY_ID: "activity id|event id|task id|message id|engagement id|do not modify activity|id attivita|id activitate",
}  # fmt: skip
_COMPANY = {
    "name": "name|account name|company name|company|organization|organisation|organization name|customer name|azienda|nome azienda"
    "|ragione sociale|societa|impresa|nome|firma|denumire|denumire firma|denumire companie|denumirea companiei"
    "|nume firma|companie|compania|nume companie|numele companiei|nume",
    "domain": "domain|company domain name|company domain|email domain|website|website url|web site|url|sito|sito web|dominio|pagina web"
    "|site|site web|domeniu web|domeniu internet|address website|organization web site|organization website",
    "industry": "industry|sector|settore|settore di attivita|industria|industrie|domeniu|domeniu de activitate",
    "employees": "employees|number of employees|no of employees|num employees|company size|employee count|headcount|dipendenti"
    "|numero dipendenti|numero di dipendenti|angajati|numar angajati|numar de angajati|nr angajati",
    "annual_revenue": "annual revenue|revenue|turnover|fatturato|ricavi|fatturato annuo|cifra de afaceri|venituri",
    "phone": "phone|phone number|main phone|business phone|telefono|numero di telefono|telefon|numar de telefon",
    "segment": "segment|account type|tier|segmento",
    "description": "description|about us|descrizione|descriere",
    "street": "street|address|street address|billing street|address 1 street 1|indirizzo|via|adresa|strada",
    "postal_code": "postal code|zip|zip code|billing zip postal code|cap|codice postale|cod postal",
    "city": "city|town|billing city|citta|comune|oras|localitate",
    "state": "state|province|region|state region|billing state province|provincia|regione|judet|judetul",
    "country": "country|country region|billing country|paese|nazione|tara",
    LIST: "list|list name|target list|lists|lista|elenco|nome lista|nume lista",
}  # fmt: skip
COMPANY_OF = {said: field for field, words in _COMPANY.items() for said in words.split("|")}
FIELD_OF = {said: field for field, words in _SAID.items() for said in words.split("|")}
OURS = ("Vaglio: line", "Vaglio: reason")  # the last columns of rows that were given back
# What the headings of columns begin with that are left out: ours, of rows that were given back, and those Dynamics adds for itself.
LEFT_OUT = ("vaglio ", "do not modify ")
# Headings that only one system gives, by its name.
_MARKS = {
    "salesforce": {
        *("company account", "lead owner", "zip postal code", "lead id", "has opted out of email", "converted opportunity id"),
        *("mailing street", "mailing city", "mailing state", "mailing state province", "mailing zip postal code", "mailing country"),
        *("contact owner alias", "account owner", "reports to"),
    },
    "hubspot": {
        "record id",
        "lifecycle stage",
        "hubspot owner",
        "contact owner",
        "original source drill down 1",
        "associated contact id",
        "activity assigned to",
    },
    "dynamics": {
        "do not modify lead",
        "do not modify contact",
        "do not modify row checksum",
        "do not modify modified on",
        "do not modify activity",
    },
    "pipedrive": {"person name", "person email", "person email work", "lead organization", "lead title", "person organization"}
    | {"organization label", "organization owner", "deal won time", "deal lost time"},
}


def plain(heading: str) -> str:
    """Return a heading in small letters without accents and signs: ``(Do Not Modify) Lead`` is ``do not modify lead``."""
    return snake_case(heading.replace("IDs", "Ids")).replace("_", " ")


def own_name(heading: str) -> str:
    """Return the name of a field of one's own that a heading gives: ``Lead Score (old)`` is ``lead_score_old``; empty for none."""
    return snake_case(heading).lstrip("0123456789_")[:LONGEST_NAME].rstrip("_")


def system_of(headings: Sequence[str]) -> str:
    """Return the system that gave a file by its headings; ``file`` where none is known by them."""
    found = {plain(heading) for heading in headings}
    best = max(_MARKS, key=lambda name: len(_MARKS[name] & found))
    return best if _MARKS[best] & found else BY_HAND


def proposed(headings: Sequence[str], taken: Collection[str]) -> list[str | None]:
    """Return the field that each column is, ``external_id``, or None for a column to leave out; no field twice, the first wins.

    ``taken`` are names that mean something else in a lead. What is not known gets a field of its own. A bare ``id`` says who somebody is
    only where a system is known by its headings: of lists that people number by hand, everybody's first would be one person.
    """
    found: list[str | None] = []
    is_by_hand = system_of(headings) == BY_HAND
    for heading in headings:
        if is_by_hand and plain(heading) in BARE:
            found.append(None)
            continue
        own = "" if plain(heading).startswith(LEFT_OUT) else own_name(heading)
        own_field = own if own and own not in taken else None
        field = FIELD_OF.get(plain(heading), own_field)
        if field == OWNER and OWNER in found:
            field = own_field  # an account manager beside the owner
        found.append(None if field in found else field)
    return with_one_name(found, headings)


DOING_OF = {said: field for field, words in _DOING.items() for said in words.split("|")}


def proposed_company(headings: Sequence[str], fields: Collection[str]) -> list[str | None]:
    """Return what each column of a file of companies is: only what companies have a field for, no field twice."""
    found: list[str | None] = []
    for heading in headings:
        field = COMPANY_OF.get(plain(heading), own_name(heading))
        is_ours = not plain(heading).startswith(LEFT_OUT)
        found.append(field if is_ours and field not in found and (field in fields or field in {"name", "domain", LIST}) else None)
    return found


def proposed_doing(headings: Sequence[str]) -> list[str | None]:
    """Return what each column of a file of activities is; what is not known is a property, under the name models read."""
    found: list[str | None] = []
    for heading in headings:
        own = "" if plain(heading).startswith(LEFT_OUT) else own_name(heading)
        field = DOING_OF.get(plain(heading), own or None)
        found.append((own if own not in found and own not in DOING_FIELDS else None) if field in found else field)
    return found


DOING_FIELDS = tuple(_DOING)


def with_one_name(found: list[str | None], headings: Sequence[str]) -> list[str | None]:
    """Let a column called ``nume`` be the last name only where there is a first name, else the whole."""
    if "last_name" in found and "first_name" not in found and "name" not in found:
        place = found.index("last_name")
        found[place] = "name" if plain(headings[place]) in WHOLE else "last_name"
    return found
