"""The fields that records have from the start: columns of their own, and the fields everybody needs."""

from vaglio_server.crm.logic.countries import COUNTRY
from vaglio_server.crm.logic.currencies import CURRENCIES
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.texts import gettext_noop

LEAD_OWNER = "lead_owner"  # what a file calls the owner of a lead where nobody here is called so; gone once it has one
SUBJECTS = ("lead", "contact", "account", "opportunity")
OUTCOMES = ("open", "won", "lost")

# Values that are columns of the record, checked like fields.
COLUMNS: dict[str, tuple[Definition, ...]] = {
    "lead": (),
    "contact": (),
    "account": (
        Definition("name", gettext_noop("Name"), "string", is_needed=True),
        Definition("domain", gettext_noop("Domain"), "domain"),
    ),
    "opportunity": (
        Definition("name", gettext_noop("Name"), "string", is_needed=True),
        Definition("stage", gettext_noop("Stage"), "string"),
        Definition("outcome", gettext_noop("Outcome"), "choice", OUTCOMES, is_needed=True),
        Definition("loss_reason", gettext_noop("Reason for loss"), "string"),  # one of those that are kept
        Definition("amount", gettext_noop("Amount"), "amount"),
        Definition("currency", gettext_noop("Currency"), "choice", CURRENCIES),
        Definition("close_date", gettext_noop("Close date"), "date"),
    ),
}
# Names that mean something else in a record, or in what a model reads: no field is called so.
TAKEN = frozenset({
    "id", "account", "account_id", "owner", "owner_id", "lead", "lead_id", "contact", "contact_id", "contacts", "opportunity",
    "opportunity_id", "fields", "created_at", "created_us", "due_at", "rating", "rank", "words", "profile_millipoints",
    "engagement_millipoints", "notes", "changes", "scores",
})  # fmt: skip
_PLACE = (
    Definition("street", gettext_noop("Street"), "string"),
    Definition("postal_code", gettext_noop("Postal code"), "string"),
    Definition("city", gettext_noop("City"), "string"),
    Definition("state", gettext_noop("State"), "string"),
    Definition(COUNTRY, gettext_noop("Country"), "country"),
)
_PERSON = (
    Definition("first_name", gettext_noop("First name"), "string"),
    Definition("last_name", gettext_noop("Last name"), "string"),
    Definition("name", gettext_noop("Name"), "string"),
    Definition("email", gettext_noop("Email"), "string"),
    Definition("job_title", gettext_noop("Job title"), "string"),
    Definition("department", gettext_noop("Department"), "string"),
    Definition("company", gettext_noop("Company"), "string"),
    Definition("phone", gettext_noop("Phone"), "string"),
    Definition("mobile_phone", gettext_noop("Mobile phone"), "string"),
    Definition("website", gettext_noop("Website"), "string"),
    Definition("language", gettext_noop("Language"), "string"),
    Definition("industry", gettext_noop("Industry"), "string"),
    Definition("employees", gettext_noop("Employees"), "integer", least=0),
    Definition("lead_source", gettext_noop("Lead source"), "string"),
    Definition("is_suspicious", gettext_noop("Suspicious"), "boolean"),
    *_PLACE,
)
# What sales asks whom it has taken on: is there a budget, do they decide, do they need it, and when.
BANT_ANSWERS = ("yes", "partly", "no")
_BANT = (
    Definition("bant_budget", gettext_noop("Budget"), "choice", BANT_ANSWERS),
    Definition("bant_authority", gettext_noop("Authority"), "choice", BANT_ANSWERS),
    Definition("bant_need", gettext_noop("Need"), "choice", BANT_ANSWERS),
    Definition("bant_timeline", gettext_noop("Timeline"), "choice", BANT_ANSWERS),
)
BANT = tuple(each.name for each in _BANT)
# Fields that ship with Vaglio, by what they are of.
STANDARD: dict[str, tuple[Definition, ...]] = {
    "lead": (*_PERSON, *_BANT, Definition(LEAD_OWNER, gettext_noop("Lead owner"), "string")),
    "contact": _PERSON,
    "account": (
        Definition("phone", gettext_noop("Phone"), "string"),
        Definition("website", gettext_noop("Website"), "string"),
        Definition("industry", gettext_noop("Industry"), "string"),
        Definition("segment", gettext_noop("Segment"), "string"),
        Definition("employees", gettext_noop("Employees"), "integer", least=0),
        Definition("annual_revenue", gettext_noop("Annual revenue"), "number"),
        Definition("description", gettext_noop("Description"), "string"),
        *_PLACE,
    ),
    "opportunity": (
        Definition("description", gettext_noop("Description"), "string"),
        Definition("next_step", gettext_noop("Next step"), "string"),
        Definition("lead_source", gettext_noop("Lead source"), "string"),
        Definition("lost_because", gettext_noop("Lost because"), "string"),
    ),
}


def shipped(subject: str) -> dict[str, Definition]:
    """Return the fields that a record has from the start, by name."""
    return {each.name: each for each in STANDARD[subject]}


def columns(subject: str) -> dict[str, Definition]:
    """Return the columns of a record that are checked like fields, by name."""
    return {each.name: each for each in COLUMNS[subject]}


def is_taken(subject: str, name: str) -> bool:
    """Whether a name is already a column or a shipped field of a record."""
    return name in TAKEN or name in columns(subject) or name in shipped(subject)
