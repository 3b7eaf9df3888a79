"""What columns are called in files that say something of leads that are there: the lists they are on, and what became of them."""

from collections.abc import Mapping, Sequence

from vaglio_server.imports.logic.headings import EMAIL, EXTERNAL_ID, LEFT_OUT, LIST, OCCURRED_AT, plain

OUTCOME, WON_AT, LOST_AT, VALUE, CURRENCY, REASON = "outcome", "won_at", "lost_at", "value", "currency", "reason"
_WHO = {
    EXTERNAL_ID: "lead id|record id|contact id|person id|prospect id|who id|id contatto|associated contact id|associated contact ids"
    "|do not modify lead|do not modify contact|codice cliente",
    "email": EMAIL + "|contact email|lead email|person email|person email work|primary contact email|associated contact email|work email",
}  # fmt: skip
_MEMBER = {
    **_WHO,
    LIST: "list|list name|target list|lists|marketing list|static list|segment list|lista|elenco|nome lista|nume lista|numele listei",
}  # fmt: skip
_OUTCOME = {
    **_WHO,
    OUTCOME: "outcome|stage|stage name|opportunity stage|deal stage|status|state|deal status|lead status|lifecycle stage|won lost|result"
    "|esito|risultato|stato|stato lead|stato opportunita|stato trattativa|fase|fase trattativa|fase opportunita"
    "|rezultat|rezultatul|stare|stadiu|stadiul|etapa|status lead|starea",
    OCCURRED_AT: "close date|closed date|closed at|closed on|actual close date|deal close date|deal closed on|deal deal closed on"
    "|deal closed date|outcome date|decision date|converted date|occurred at|date|est close date"
    "|data|data chiusura|data di chiusura|data chiusura effettiva|data esito|quando"
    "|data inchiderii|data de inchidere|data inchidere|data rezultatului",
    WON_AT: "won time|won date|deal won time|won at|won on|data vincita|data vittoria|data castigarii|became a customer date",
    LOST_AT: "lost time|lost date|deal lost time|lost at|lost on|data perdita|data pierderii",
    VALUE: "amount|value|deal value|deal amount|revenue|actual revenue|amount in company currency|opportunity amount"
    "|importo|valore|valore trattativa|suma|valoare|valoarea",
    CURRENCY: "currency|currency code|currency iso code|amount currency|opportunity currency|deal currency|deal currency of value"
    "|currency of value|transaction currency|valuta|codice valuta|divisa|moneta|moneda|cod moneda|codul monedei",
    REASON: "reason|loss reason|lost reason|deal lost reason|closed lost reason|closed won reason|status reason|disqualification reason"
    "|motivo|motivo perdita|motivo della perdita|motivazione|motiv|motivul|motivul pierderii|motivul respingerii",
}  # fmt: skip
MEMBER_OF = {said: field for field, words in _MEMBER.items() for said in words.split("|")}
OUTCOME_OF = {said: field for field, words in _OUTCOME.items() for said in words.split("|")}
MEMBER_FIELDS, OUTCOME_FIELDS = tuple(_MEMBER), tuple(_OUTCOME)
# Times that say by their headings that something came to its end; a bare "date" does not.
_BARE = {"date", "data", "quando", "occurred at"}
CLOSING = {said for said, field in OUTCOME_OF.items() if field in (OCCURRED_AT, WON_AT, LOST_AT)} - _BARE

_OF_COMPANY = "amount in company currency"  # which is not the currency of the deal, that stands in a column of its own

# Of a file with both, what says won or lost: a deal that is lost stays in the stage where it was.
_SURER = ("deal status", "outcome", "won lost", "esito", "stato trattativa", "status", "stato", "starea", "stare")
_STAGES = {
    "stage",
    "stage name",
    "opportunity stage",
    "deal stage",
    "fase",
    "fase trattativa",
    "fase opportunita",
    "etapa",
    "stadiu",
    "stadiul",
}
_OF_DEALS = ("deal ", "opportunity ")  # a file of deals has ids of deals


def _nobodys(bare: Sequence[str]) -> set[str]:
    """Return the headings that mean something else beside the others."""
    found = {"record id"} if any(each.startswith(_OF_DEALS) for each in bare) else set()
    amounts, currencies = ({each for each in bare if OUTCOME_OF.get(each) == field} for field in (VALUE, CURRENCY))
    if currencies and _OF_COMPANY in amounts:
        found |= {_OF_COMPANY} if len(amounts) > 1 else currencies
    return found | (_STAGES if any(each in bare for each in _SURER) else set())


def proposed_fact(headings: Sequence[str], field_of: Mapping[str, str]) -> list[str | None]:
    """Return what each column is by the words for such files; what these do not know is left out, and no field is there twice."""
    found: list[str | None] = []
    nobodys = _nobodys([plain(heading) for heading in headings])
    for heading in headings:
        bare = plain(heading)
        if bare in nobodys:
            found.append(None)
            continue
        field = field_of.get(bare) if not bare.startswith(LEFT_OUT) or field_of.get(bare) == EXTERNAL_ID else None
        found.append(None if field in found else field)
    return found
