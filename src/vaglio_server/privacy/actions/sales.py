"""What opportunities are called: a conversion calls them by the company and the person, whose name is taken out again."""

from collections.abc import Collection

from django.db.models import Q

from vaglio_server.crm.models import Contact, FieldChange, Lead, Opportunity, called
from vaglio_server.privacy.queries import Person


def hold_sales(person: Person) -> None:
    """Take the rows of a person's contacts, and of their opportunities, in one order, before any lead's."""
    for rows in (Contact.objects.filter(pk__in=person.contacts), Opportunity.objects.filter(pk__in=sales_of(person))):
        list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def sales_of(person: Person) -> list[int]:
    """Return the opportunities that came of a person, or that they are in."""
    theirs = Q(conversions__lead__in=person.leads) | Q(contacts__in=person.contacts)
    return list(Opportunity.objects.filter(theirs).values_list("pk", flat=True).distinct())


def rename_sales(person: Person) -> None:
    """Call opportunities that end in ``, Anna Rossi`` by what stands before, in their history, too; they stay, as the company's."""
    names = names_of(person)
    for sale in Opportunity.objects.filter(pk__in=sales_of(person)):
        Opportunity.objects.filter(pk=sale.pk).update(name=_without(sale.name, names))
        for change in FieldChange.objects.filter(opportunity=sale, field="name"):
            FieldChange.objects.filter(pk=change.pk).update(value=_without(str(change.value or ""), names))


def _without(text: str, names: Collection[str]) -> str:
    before, mark, last = text.rpartition(", ")
    return before if mark and last in names else text


def names_of(person: Person) -> set[str]:
    """Return what a person is called and ever was."""
    told = [each.fields for each in (*Lead.objects.filter(pk__in=person.leads), *Contact.objects.filter(pk__in=person.contacts))]
    history = FieldChange.objects.filter(Q(lead__in=person.leads) | Q(contact__in=person.contacts))
    parts = {name: {str(each.get(name) or "") for each in told} for name in ("first_name", "last_name", "name")}
    for name, value in history.filter(field__in=list(parts)).values_list("field", "value"):
        parts[name].add(str(value or ""))
    whole = {called({"first_name": first, "last_name": last}) for first in parts["first_name"] | {""} for last in parts["last_name"] | {""}}
    return {name for name in (*whole, *parts["name"], *person.emails) if name}
