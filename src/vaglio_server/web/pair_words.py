"""Why two leads are probably one person, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FOR, NEARLY, AGAINST = "for", "nearly", "against"


@dataclass(frozen=True)
class Reason:
    """What a comparison says: for one person, nearly so, or against it."""

    side: str
    text: str | Promise


_WORDS: dict[tuple[str, str], Reason] = {
    ("last_name", "same"): Reason(FOR, _("same surname")),
    ("last_name", "swapped"): Reason(NEARLY, _("first name and surname change places")),
    ("last_name", "near"): Reason(NEARLY, _("surname nearly the same")),
    ("last_name", "alike"): Reason(NEARLY, _("surname nearly the same")),
    ("last_name", "part"): Reason(NEARLY, _("part of the surname is the same")),
    ("last_name", "differs"): Reason(AGAINST, _("another surname")),
    ("first_name", "same"): Reason(FOR, _("same first name")),
    ("first_name", "nickname"): Reason(NEARLY, _("first name and its short form")),
    ("first_name", "part"): Reason(NEARLY, _("one has a second first name")),
    ("first_name", "initial"): Reason(NEARLY, _("first name and its initial")),
    ("first_name", "near"): Reason(NEARLY, _("first name nearly the same")),
    ("first_name", "sex"): Reason(AGAINST, _("first names of a man and a woman")),
    ("first_name", "other"): Reason(AGAINST, _("another first name")),
    ("first_name", "differs"): Reason(AGAINST, _("another first name")),
    ("generation", "differs"): Reason(AGAINST, _("one is junior, one is senior")),
    ("generation", "one"): Reason(AGAINST, _("only one is called junior or senior")),
    ("email", "same"): Reason(FOR, _("same mail address")),
    ("email", "near"): Reason(NEARLY, _("mail address nearly the same")),
    ("email", "name"): Reason(NEARLY, _("same unusual name in both mail addresses")),
    ("email", "numbered"): Reason(AGAINST, _("the company numbered their mail addresses")),
    ("email", "differs"): Reason(AGAINST, _("other mail address")),
    ("email", "colleague"): Reason(AGAINST, _("other mail address")),
    ("namesake", "second"): Reason(AGAINST, _("the company has a namesake, by the mail address")),
    ("company", "domain"): Reason(FOR, _("mail address of the same company")),
    ("company", "same"): Reason(FOR, _("same company")),
    ("company", "called"): Reason(FOR, _("company called like the domain of the other")),
    ("company", "near"): Reason(NEARLY, _("company nearly the same")),
    ("company", "part"): Reason(NEARLY, _("company starts alike")),
    ("company", "differs"): Reason(AGAINST, _("other company")),
    ("phone", "mobile"): Reason(FOR, _("same mobile number")),
    ("phone", "same"): Reason(FOR, _("same telephone number")),
    ("phone", "switchboard"): Reason(FOR, _("same telephone number at the company")),
    ("phone", "mobile_differs"): Reason(AGAINST, _("other mobile number")),
    ("phone", "differs"): Reason(AGAINST, _("other telephone number")),
    ("city", "same"): Reason(FOR, _("same city")),
    ("city", "differs"): Reason(AGAINST, _("other city")),
    ("country", "differs"): Reason(AGAINST, _("other country")),
    ("job_title", "same"): Reason(FOR, _("same job title")),
    ("through", ""): Reason(FOR, _("both are probably the same person as a third lead")),
    ("job_title", "differs"): Reason(AGAINST, _("other job title")),
}


def reasons(answers: Mapping[str, str]) -> list[Reason]:
    """Return what speaks for one person, then what nearly does, then what speaks against it; of each, names before what matters less."""
    said = {(name, "" if name == "through" else word) for name, word in answers.items()}
    return sorted((each for key, each in _WORDS.items() if key in said), key=lambda each: (FOR, NEARLY, AGAINST).index(each.side))
