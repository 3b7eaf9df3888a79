"""Leads, contacts, accounts, opportunities, and every value their fields ever had."""

from typing import Any, ClassVar, Self, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from vaglio_server.crm.logic.search import prefixes, slipped
from vaglio_server.crm.models.among import among
from vaglio_server.users.models import Role, User

UNRANKED = 99.0  # after every rating's place
UNKNOWN_LAST = 1e300  # in the place of a potential nobody knows: after every one that is known, and a number that goes through texts
LONGEST_FACET = 200  # characters of a value by which a lead is found, with the field's name
RARE = 5_000  # leads or companies found, or fewer: as many are sorted as fast as a page is filled in order
M = TypeVar("M", bound=models.Model)


class Words(models.Func):
    """The words of a text, folded as :func:`vaglio_server.crm.logic.search.fold` folds them."""

    template = (
        "to_tsvector('simple', regexp_replace(regexp_replace(lower(normalize(%(text)s, NFKD)), "
        "'[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+', ' ', 'g'))"
    )

    output_field = SearchVectorField()

    def __init__(self, text: str) -> None:
        super().__init__(text=text)


_TEXTS, _NUMBERS = ArrayField(models.TextField()), ArrayField(models.IntegerField())
_PRESENT = Q(merged_into__isnull=True, taken_back_at__isnull=True)
PRESENT = "merged_into_id IS NULL AND taken_back_at IS NULL"  # the same, for who asks in SQL
_WHO = " || ' ' || ".join(f"COALESCE(fields ->> '{name}', '')" for name in ("first_name", "last_name", "name", "email", "company"))


def called(fields: dict[str, Any]) -> str:
    """Return how a person is called by their fields: first and last name, else the mail address."""
    whole = " ".join(str(fields[part]) for part in ("first_name", "last_name") if fields.get(part))
    return whole or str(fields.get("name") or fields.get("email") or "")


def unranked() -> list[float]:
    """Return the rank of a lead without rating."""
    return [UNRANKED]


def seen_by(user: User, owner: str = "owner") -> Q:
    """Return the condition on what a user may see, by its owner: sellers see their own and their team's, everybody else all."""
    if user.role != Role.SALES:
        return Q()
    mine = Q(**{owner: user})
    return mine | Q(**{f"{owner}__team": user.team_id}) if user.team_id else mine


def one_of(*names: str) -> Exact:
    """Return the condition that exactly one of some columns has a value."""
    return Exact(models.Func(*(F(name) for name in names), function="num_nonnulls", output_field=models.IntegerField()), 1)


class OwnedQuerySet(models.QuerySet[M]):
    """Filters on records that have an owner, an account and words of their own."""

    def visible_to(self, user: User) -> Self:
        """Leave what a user may see: sellers see their own and their team's, everybody else all."""
        return self.filter(seen_by(user))

    def found_by(self, text: str) -> Self:
        """Leave those whose own words (name, mail address), or whose company's, start like those of a text."""
        asked = prefixes(text)
        if asked is None:
            return self
        query = SearchQuery(asked, config="simple", search_type="raw")
        everything = self.model._default_manager
        # Two questions that an index answers each; joined by OR, PostgreSQL would walk through all leads by rank.
        by_name = everything.filter(words=query).values("pk")
        by_company = everything.filter(account__in=Account.objects.filter(words=query)).values("pk")
        return self.filter(pk__in=by_name.union(by_company))


class LeadQuerySet(OwnedQuerySet["Lead"]):
    """Filters on leads."""

    def found_by(self, text: str) -> Self:
        """Leave those whose own words, or whose company's, start like those of a text, however many leads are stored and found."""
        asked = prefixes(text)
        if asked is None:
            return self
        few = few_named(asked)
        if few is not None:
            return self.filter(among(few))
        # So many that a page is soon full when leads are looked at one by one, the first to call first.
        fits = Q(words=SearchQuery(asked, config="simple", search_type="raw"))
        return self.filter(Q(says(LeadWords, "pk", fits)) | Q(says(Account, "account_id", fits)))

    def present(self) -> Self:
        """Leave out leads that were merged into others, and those that were taken back with the file that brought them."""
        return self.filter(_PRESENT)

    def visible_to(self, user: User) -> Self:
        """Leave the leads a user may see now: sellers see their own and their team's, everybody else all."""
        return self.present().ever_visible_to(user)

    def ever_visible_to(self, user: User) -> Self:
        """Leave the leads a user may see, those merged into others or taken back among them: what they were stays to be looked up."""
        return self.filter(seen_by(user))


def few_named(asked: str) -> set[int] | None:
    """Return the leads whose own words, or whose company's, start like those asked for; None where they are more than some thousands."""
    query = SearchQuery(asked, config="simple", search_type="raw")
    found = {*LeadWords.objects.filter(words=query).values_list("pk", flat=True)[: RARE + 1]}
    at = [*Account.objects.filter(words=query).values_list("pk", flat=True)[: RARE + 1]] if len(found) <= RARE else []
    found.update(Lead.objects.filter(among(at, "account")).values_list("pk", flat=True)[: RARE + 1])
    return found if max(len(found), len(at)) <= RARE else None


def says(table: type[models.Model], key: str, fits: Q) -> models.Subquery:
    """Return whether a lead's row of a table fits; not EXISTS, for which PostgreSQL would read them all."""
    answer = models.ExpressionWrapper(fits, output_field=models.BooleanField())
    rows = table._default_manager.filter(pk=models.OuterRef(key)).annotate(says=answer)
    return models.Subquery(rows.values("says"), output_field=models.BooleanField())


def slips(text: str) -> list[Func]:
    """Return, of each longer word of a text, what it may share with a word of a name, as the database keeps it."""
    return [Func(Value(each, _TEXTS), function="crm_hashes", output_field=_NUMBERS) for each in slipped(text)]


class AccountQuerySet(models.QuerySet["Account"]):
    """Filters on companies."""

    def present(self) -> Self:
        """Leave out companies that were taken back with the file that brought them."""
        return self.filter(taken_back_at__isnull=True)

    def nearly(self, text: str) -> Self:
        """Leave those in whose name each longer word of a text stands with at most one slip; none if it has none."""
        variants = slips(text)
        found = self if variants else self.none()
        for meet in variants:
            found = found.filter(near__overlap=meet)
        return found


class ContactQuerySet(OwnedQuerySet["Contact"]):
    """Filters on contacts."""

    def present(self) -> Self:
        """Leave out contacts that were taken back with the file that brought them."""
        return self.filter(taken_back_at__isnull=True)

    def visible_to(self, user: User) -> Self:
        """Leave the contacts a user may see now: sellers see their own and their team's, everybody else all."""
        return super().visible_to(user).present()


class Account(models.Model):
    """A company. ``taken_back_at``: since when it is none any more, because the file that brought it was undone; its domain is free.

    ``owner``: whose it is; leads that come to sales from there are theirs.
    """

    name = models.TextField()
    domain = models.TextField(null=True, unique=True)
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="accounts", db_index=False)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    words = models.GeneratedField(
        expression=Words("name || ' ' || COALESCE(domain, '')"), output_field=SearchVectorField(), db_persist=True
    )  # fmt: skip

    near = models.GeneratedField(
        expression=models.Func(F("name"), function="crm_near"), output_field=ArrayField(models.IntegerField()), db_persist=True
    )  # fmt: skip

    objects = AccountQuerySet.as_manager()

    class Meta:
        """Companies are found by their words."""

        indexes: ClassVar = [
            GinIndex(fields=["words"], name="account_words"),
            GinIndex(fields=["near"], name="account_near"),
            models.Index(fields=["owner"], name="account_of_owner", condition=Q(owner__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class Lead(models.Model):
    """A person not yet converted, with the rating of the model that drives the lifecycle.

    ``fields`` are the values as they are now; :class:`FieldChange` holds what they were, and when that was known. ``rank`` orders all
    leads, the first to call first: the place of the rating in the model's order, then minus the potential, then minus both scores together.
    ``scored_at`` is the instant that its newest scores are of, the ones that said nothing new too.
    ``taken_back_at``: since when it is none any more, because the file that brought it was undone; past scores of it replay.
    """

    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="leads", db_index=False)
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="leads", db_index=False)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    scored_at = models.DateTimeField(null=True)
    rating = models.CharField(max_length=2, null=True)
    profile_millipoints = models.BigIntegerField(null=True)
    engagement_millipoints = models.BigIntegerField(null=True)
    rank = ArrayField(models.FloatField(), default=unranked, db_default=[UNRANKED])
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False)
    taken_back_at = models.DateTimeField(null=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        """Workers look for what is due, people for what is best. Each rating is a new entry in every index that the lead is in."""

        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="lead_due", condition=models.Q(due_at__isnull=False)),
            # Leads of one rating lie together here; which ranks they have, scoring.queries.with_ratings knows.
            models.Index(fields=["rank", "id"], include=["rating"], name="lead_rank", condition=_PRESENT),
            models.Index(
                fields=["owner", "rank", "id"], include=["rating"], name="lead_of_owner", condition=_PRESENT & Q(owner__isnull=False)
            ),
            # Nobody's, by rank: where most leads are, they are soon met in the index above; where few are, this one names them.
            models.Index(fields=["id"], name="lead_of_nobody", condition=_PRESENT & Q(owner__isnull=True)),
            models.Index(fields=["account"], name="lead_account", condition=Q(account__isnull=False)),
            models.Index(fields=["merged_into"], name="lead_merged", condition=Q(merged_into__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name or f"lead {self.pk}"

    @property
    def name(self) -> str:
        """First and last name, else the mail address."""
        return called(self.fields)

    @property
    def works_at(self) -> str:
        """The company it belongs to; without one, as with an address of a free mail provider, the company it says itself; empty: none."""
        said = self.fields.get("company")
        return str(self.account) if self.account else said.strip() if isinstance(said, str) else ""


class Contact(models.Model):
    """A person at an account who is more than a lead: one that was accepted, or one that somebody knows anyway.

    ``taken_back_at``: since when it is none any more, because the file that brought it was undone.
    """

    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="contacts")
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="contacts")
    lead = models.ForeignKey(Lead, null=True, on_delete=models.PROTECT, related_name="contacts")
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    words = models.GeneratedField(expression=Words(_WHO), output_field=SearchVectorField(), db_persist=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        """Contacts are found by their words, and by their mail address however it is written."""

        indexes: ClassVar = [
            GinIndex(fields=["words"], name="contact_words"),
            models.Index(Lower(KT("fields__email")), name="contact_email"),
        ]

    def __str__(self) -> str:
        return self.name or f"contact {self.pk}"

    @property
    def name(self) -> str:
        """First and last name, else the mail address."""
        return called(self.fields)


class LeadWords(models.Model):
    """The words by which a lead is found, written by a trigger of the database wherever fields are written.

    ``facets`` are its values, each as ``field=value`` in small letters; ``near`` what is left of each word of its names when one letter is
    left out, so that words with one slip in them meet.

    Apart from the lead: each new row in an index of words costs more than all the rest of writing a rating or a due lead.
    """

    lead = models.OneToOneField(Lead, primary_key=True, on_delete=models.CASCADE, related_name="found_by")
    words = SearchVectorField()
    facets = SearchVectorField()
    near = ArrayField(models.IntegerField())

    class Meta:
        """Leads are found by their words, by their values, and by names that are nearly as somebody types."""

        indexes: ClassVar = [
            GinIndex(fields=["words"], name="lead_words"),
            GinIndex(fields=["facets"], name="lead_facets"),
            GinIndex(fields=["near"], name="lead_near"),
        ]

    def __str__(self) -> str:
        return str(self.words)


class FieldChange(models.Model):
    """A value a field took, and when that became known; ``written``: what was told, where it is kept in another form."""

    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE, related_name="field_changes")
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="field_changes")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="field_changes", db_index=False)
    opportunity = models.ForeignKey("crm.Opportunity", null=True, on_delete=models.CASCADE, related_name="field_changes", db_index=False)
    field = models.TextField()
    value = models.JSONField(null=True)
    known_at = models.DateTimeField()
    by = models.TextField()
    written = models.TextField(null=True)

    class Meta:
        """A change belongs to one record. Nearly all are of leads, and these do not pay for the indexes of others."""

        constraints: ClassVar = [
            models.CheckConstraint(name="field_change_of_one", condition=one_of("lead", "account", "contact", "opportunity"))
        ]
        indexes: ClassVar = [
            # Who ever was at a company: a past score counts those who were its colleagues then.
            models.Index(fields=["value"], name="field_change_moved", condition=Q(field="account_id", lead__isnull=False)),
            models.Index(fields=["contact"], name="field_change_contact", condition=Q(contact__isnull=False)),
            models.Index(fields=["opportunity"], name="field_change_opportunity", condition=Q(opportunity__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.field} = {self.value}"
