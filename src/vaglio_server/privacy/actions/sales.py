"""What opportunities are called: a conversion calls them by the company and the person, whose name is taken out again."""

from collections.abc import Collection

from django.db.models import Q

from vaglio_server.crm.models import Contact, FieldChange, Lead, Opportunity, called
from vaglio_server.privacy.queries import Person

NAMES = ("first_name", "last_name", "name")


def hold_sales(person: Person) -> None:
    """Take the rows of a person's contacts, and of their opportunities, in one order, after their leads' as everybody does."""
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
    """Return what each of a person's records is called and ever was; nobody's first name meets another's last."""
    found = set(person.emails)
    for kind, records in (("lead", Lead.objects.filter(pk__in=person.leads)), ("contact", Contact.objects.filter(pk__in=person.contacts))):
        parts = {each.pk: {name: {str(each.fields.get(name) or "")} for name in NAMES} for each in records}
        before = FieldChange.objects.filter(**{f"{kind}__in": list(parts)}, field__in=NAMES).values_list(kind, "field", "value")
        for number, name, value in before:
            parts[number][name].add(str(value or ""))
        for its in parts.values():
            found |= its["name"]
            found |= {
                called({"first_name": one, "last_name": other}) for one in its["first_name"] | {""} for other in its["last_name"] | {""}
            }
    return {name for name in found if name}
