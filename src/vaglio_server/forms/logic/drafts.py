"""What a form is made of, and what of it cannot be."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from vaglio_server.crm.logic.fields import Definition, name_fault
from vaglio_server.crm.logic.standard import TAKEN
from vaglio_server.texts import gettext_noop

MOST_FIELDS = 30
MOST_CHOICES = 60
MOST_ORIGINS = 20
LONGEST_LINE = 200
LONGEST_TEXT = 5_000
LONGEST_ADDRESS = 2_000
WIDGETS = ("line", "lines", "number", "choice", "yes_no", "date")
# What no form writes: who knows where a lead came from, and what it is, is not the lead itself.
NOT_ASKED = TAKEN | {"is_suspicious"}
NOT_PROPERTIES = {"form", "consent_version"}  # what the event says of itself
_WIDGET_OF = {"integer": "number", "number": "number", "boolean": "yes_no", "date": "date", "choice": "choice"}
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class FormField:
    """A question: the lead's field that takes the answer (or a name of its own, which stays with the event), and how it is asked."""

    name: str
    label: str
    widget: str = "line"
    is_required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """What a form shows and does. ``slug`` is its name in models; ``consent`` is empty where nothing has to be agreed to."""

    name: str
    slug: str
    title: str
    fields: tuple[FormField, ...]
    button: str
    thanks: str
    intro: str = ""
    redirect_to: str = ""
    consent: str = ""
    is_double_opt_in: bool = False
    origins: tuple[str, ...] = ()
    is_open: bool = True

    def kept_fields(self) -> list[dict[str, Any]]:
        """Return the questions as the database holds them."""
        return [asdict(each) for each in self.fields]


@dataclass(frozen=True)
class Faults:
    """What of a draft cannot be: sentences by the part, and by the place of the question."""

    parts: dict[str, str] = field(default_factory=dict)
    fields: dict[int, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.parts or self.fields)


def clean(text: str) -> str:
    """Return a text without what no database and no page can hold, with one kind of line end."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def line(text: str) -> str:
    """Return a text on one line."""
    return " ".join(clean(text).split())


def fields_of_kept(kept: Collection[Mapping[str, Any]]) -> tuple[FormField, ...]:
    """Return questions as they were kept."""
    return tuple(FormField(**(dict(each) | {"choices": tuple(each["choices"])})) for each in kept)


def widget_of(definition: Definition | None, wanted: str) -> str:
    """Return how a field is asked: its kind decides, and where that leaves it open, whoever makes the form."""
    return _WIDGET_OF.get(definition.kind if definition else "", wanted if wanted in WIDGETS else "line")


def origin_of(address: str) -> str | None:
    """Return where an address is, as browsers name it; None where it is no address of a page."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    found = f"{parts.scheme}://{parts.netloc.lower()}"
    return found if _ORIGIN.fullmatch(found) and "*" not in found and "\\" not in address else None


def faults_of(draft: Draft, definitions: Mapping[str, Definition], *, can_mail: bool) -> Faults:
    """Return everything that cannot be, at once."""
    return Faults(dict(_of_parts(draft, can_mail)), dict(_of_fields(draft.fields, definitions)))


def _of_parts(draft: Draft, can_mail: bool) -> Iterator[tuple[str, str]]:
    for part in ("name", "slug", "title", "button"):
        if not 0 < len(getattr(draft, part)) <= LONGEST_LINE:
            yield part, gettext_noop("Say it in up to 200 characters.")
    if draft.slug and name_fault("", draft.slug, "contact"):
        yield "slug", gettext_noop("Use small letters, digits and single underscores, such as contact.")
    for part in ("intro", "thanks", "consent"):
        if len(getattr(draft, part)) > LONGEST_TEXT:
            yield part, gettext_noop("At most 5,000 characters fit.")
    if not draft.thanks and not draft.redirect_to:
        yield "thanks", gettext_noop("Say thank you, or give an address to go on to.")
    if draft.redirect_to and (len(draft.redirect_to) > LONGEST_ADDRESS or origin_of(draft.redirect_to) is None):
        yield "redirect_to", gettext_noop("Give a whole address, such as https://www.acme.example/thanks.")
    if len(draft.origins) > MOST_ORIGINS or any(not _ORIGIN.fullmatch(each) for each in draft.origins):
        yield "origins", gettext_noop("One site a line, at most 20, each such as https://www.acme.example, without a path.")
    if draft.is_double_opt_in and not can_mail:
        yield "is_double_opt_in", gettext_noop("Vaglio cannot send mail yet: set EMAIL_URL, then switch this on.")


def _of_fields(fields: tuple[FormField, ...], definitions: Mapping[str, Definition]) -> Iterator[tuple[int, str]]:
    names = [each.name for each in fields]
    if "email" not in names or not fields[names.index("email")].is_required:
        yield -1, gettext_noop("Ask for the mail address, and require it: it says who somebody is.")
    if len(fields) > MOST_FIELDS:
        yield -1, gettext_noop("At most 30 questions fit.")
    for place, each in enumerate(fields):
        fault = _of_field(each, definitions.get(each.name), names[:place])
        if fault:
            yield place, fault


def _of_field(each: FormField, definition: Definition | None, before: list[str]) -> str | None:
    if each.name in before:
        return gettext_noop("This is asked above already.")
    if not 0 < len(each.label) <= LONGEST_LINE:
        return gettext_noop("Say what is asked, in up to 200 characters.")
    if definition is None and (each.name in NOT_PROPERTIES or name_fault("", each.name, "message")):
        return gettext_noop("Give the question a name of small letters, digits and underscores, such as message.")
    if each.name in NOT_ASKED or (definition is not None and definition.is_retired):
        return gettext_noop("This cannot be asked; choose another field.")
    if each.widget == "choice" and not 0 < len(each.choices) <= MOST_CHOICES:
        return gettext_noop("Give from 1 to 60 choices, one a line.")
    if any(len(choice) > LONGEST_LINE for choice in each.choices):
        return gettext_noop("A choice has at most 200 characters.")
    return None
