"""Leads, accounts, lists, and every value their fields ever had."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models import Q

from vaglio_server.crm.logic.search import prefixes
from vaglio_server.users.models import Role, User

UNRANKED = 99.0  # after every rating's place
RARE = 5_000  # leads or companies found, or fewer: as many are sorted as fast as a page is filled in order


class Words(models.Func):
    """The words of a text, folded as :func:`vaglio_server.crm.logic.search.fold` folds them."""

    template = (
        "to_tsvector('simple', regexp_replace(regexp_replace(lower(normalize(%(text)s, NFKD)), "
        "'[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+', ' ', 'g'))"
    )

    output_field = SearchVectorField()

    def __init__(self, text: str) -> None:
        super().__init__(text=text)


def unranked() -> list[float]:
    """Return the rank of a lead without rating."""
    return [UNRANKED]


class LeadQuerySet(models.QuerySet["Lead"]):
    """Filters on leads."""

    def visible_to(self, user: User) -> Self:
        """Leave the leads a user may see: sellers see their own and their team's, everybody else all."""
        if user.role != Role.SALES:
            return self
        mine = Q(owner=user)
        return self.filter(mine | Q(owner__team=user.team_id) if user.team_id else mine)

    def found_by(self, text: str) -> Self:
        """Leave the leads whose name, mail address or company has words that start like those of a text."""
        asked = prefixes(text)
        if asked is None:
            return self
        query = SearchQuery(asked, config="simple", search_type="raw")
        named, companies = LeadWords.objects.filter(words=query), Account.objects.filter(words=query)
        found = {*named.values_list("pk", flat=True)[: RARE + 1]}
        at = [*companies.values_list("pk", flat=True)[: RARE + 1]]
        found.update(Lead.objects.filter(account__in=at).values_list("pk", flat=True)[: RARE + 1])
        if max(len(found), len(at)) <= RARE:
            return self.filter(pk__in=found)
        # So many that a page is soon full when leads are looked at one by one, the first to call first.
        return self.filter(models.Q(_says(LeadWords, "pk", query)) | models.Q(_says(Account, "account_id", query)))


def _says(table: type[models.Model], key: str, query: SearchQuery) -> models.Subquery:
    """Return whether the words of a lead's row of a table are those asked for; not EXISTS, for which PostgreSQL would read them all."""
    answer = models.ExpressionWrapper(models.Q(words=query), output_field=models.BooleanField())
    rows = table._default_manager.filter(pk=models.OuterRef(key)).annotate(says=answer)
    return models.Subquery(rows.values("says"), output_field=models.BooleanField())


class Account(models.Model):
    """A company."""

    name = models.TextField()
    domain = models.TextField(null=True, unique=True)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    words = models.GeneratedField(
        expression=Words("name || ' ' || COALESCE(domain, '')"), output_field=SearchVectorField(), db_persist=True
    )  # fmt: skip

    class Meta:
        """Companies are found by their words."""

        indexes: ClassVar = [GinIndex(fields=["words"], name="account_words")]

    def __str__(self) -> str:
        return self.name


class Lead(models.Model):
    """A person not yet converted, with the rating of the model that drives the lifecycle.

    ``fields`` are the values as they are now; :class:`FieldChange` holds what they were, and when that was known. ``rank`` orders all
    leads, the first to call first: the place of the rating in the model's order, then minus the potential, then minus both scores together.
    """

    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="leads", db_index=False)
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="leads", db_index=False)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    rating = models.CharField(max_length=2, null=True)
    profile_millipoints = models.BigIntegerField(null=True)
    engagement_millipoints = models.BigIntegerField(null=True)
    rank = ArrayField(models.FloatField(), default=unranked, db_default=[UNRANKED])

    objects = LeadQuerySet.as_manager()

    class Meta:
        """Workers look for what is due, people for what is best."""

        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="lead_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["rank", "id"], name="lead_rank"),
            models.Index(fields=["rating", "rank", "id"], name="lead_rating"),
            models.Index(fields=["owner", "rank", "id"], name="lead_owner"),
            models.Index(fields=["account"], name="lead_account"),
        ]

    def __str__(self) -> str:
        return self.name or f"lead {self.pk}"

    @property
    def name(self) -> str:
        """First and last name, else the mail address."""
        whole = " ".join(str(self.fields[part]) for part in ("first_name", "last_name") if self.fields.get(part))
        return whole or str(self.fields.get("name") or self.fields.get("email") or "")


class LeadWords(models.Model):
    """The words by which a lead is found, written by a trigger of the database wherever fields are written.

    Apart from the lead: each new row in an index of words costs more than all the rest of writing a rating or a due lead.
    """

    lead = models.OneToOneField(Lead, primary_key=True, on_delete=models.CASCADE, related_name="found_by")
    words = SearchVectorField()

    class Meta:
        """Leads are found by their words."""

        indexes: ClassVar = [GinIndex(fields=["words"], name="lead_words")]

    def __str__(self) -> str:
        return str(self.words)


class FieldChange(models.Model):
    """A value a field took, and when that became known."""

    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE, related_name="field_changes")
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="field_changes")
    field = models.TextField()
    value = models.JSONField(null=True)
    known_at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        """A change belongs to one record."""

        constraints: ClassVar = [
            models.CheckConstraint(
                name="field_change_of_one", condition=models.Q(lead__isnull=False) ^ models.Q(account__isnull=False)
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.field} = {self.value}"


class ListMember(models.Model):
    """A lead or an account on a list (customers, competitors, priority accounts), for a period ``[from, to)``."""

    list = models.TextField()
    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE)
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE)
    from_at = models.DateTimeField(null=True)
    to_at = models.DateTimeField(null=True)
    known_at = models.DateTimeField()

    class Meta:
        """A member is a lead or an account."""

        constraints: ClassVar = [
            models.CheckConstraint(name="member_is_one", condition=models.Q(lead__isnull=False) ^ models.Q(account__isnull=False))
        ]

    def __str__(self) -> str:
        return self.list
