"""Files that were brought in, as they came, and what of them could not be taken."""

from collections.abc import Collection
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from vaglio_server.crm.logic.fields import LONGEST_NAME, Definition
from vaglio_server.crm.models import Account, Contact, LeadOutcome, ListMember
from vaglio_server.imports.logic.people import Spelling
from vaglio_server.tracking.models import TakenBack
from vaglio_server.users.models import User

GUESSED = ("date", "integer", "number")  # kinds that a column's values decide where nobody does


class ImportState(models.TextChoices):
    """Where an import is."""

    READY = "ready", _("To be checked")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Broken off")
    UNDOING = "undoing", _("Being taken back")
    UNDONE = "undone", _("Taken back")


class Holds(models.TextChoices):
    """What the rows of a file are."""

    LEADS = "leads", _("Leads")
    ACTIVITIES = "activities", _("Activities")
    COMPANIES = "companies", _("Companies")
    MEMBERS = "members", _("People on lists")
    OUTCOMES = "outcomes", _("What became of leads")
    CONTACTS = "contacts", _("Contacts")


class Import(models.Model):
    """A file. ``columns`` are the fields of its columns (null: left out), ``system`` is whose file it is (``file``: nobody knows).

    ``holds``: what its rows are.
    ``proposed``: what the columns were taken for before anybody said otherwise, ``as_in``: the earlier file with the same heading from
    which something that was said of it was taken over. ``kinds``: of columns, by their places, what a new field of them would be by their
    values (``guess``), what somebody says it is (``kind``), and their values where they are few.
    ``orders``: of columns with days such as 03/04/2026, whether the day or the month is first, and by what that was decided.
    ``skips_known``: who is a lead already is left as it is; ``skips_alike``: also who is called and works like one.
    ``replaces_owners``: leads go to the owners that the file names also where somebody gave them to another; ``strangers``: whom rows call
    owners and nobody here is called, each with how many rows and whether several users are called so.
    ``countries``: the letters that somebody said texts mean that name no country; ``unknown_countries``: texts of rows taken that name
    none and of which nobody said it, each with how many rows.
    ``list_name``: the list that companies or people are put on where their row names none.
    ``is_undoable`` is false for files that were brought in before files could be taken back: what they brought was not written down.
    Of its rows ``rows_read`` were read so far: ``rows_new`` made a lead or are an activity, ``rows_known`` wrote to a lead or had come
    before, ``rows_refused`` could not be taken, ``rows_partly`` were taken without cells that cannot be read, ``rows_alike`` were skipped
    because they are like a lead; ``rows_again`` name somebody whom an earlier row names. ``activities_back`` were taken back.
    ``reasons``: why rows could not be taken, or not whole, by kind of reason, each with how many rows and the first of their lines.
    ``rows_forgotten_at``: since when these rows themselves are deleted, because they were old.
    """

    file_name = models.TextField()
    bytes = models.BigIntegerField()
    kind = models.CharField(max_length=4)
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1)
    system = models.TextField()
    heading = models.JSONField()
    columns = models.JSONField()
    holds = models.CharField(max_length=12, choices=Holds, default=Holds.LEADS)
    proposed = models.JSONField(default=list)
    as_in = models.TextField(default="")
    kinds = models.JSONField(default=dict)
    orders = models.JSONField(default=dict)
    skips_known = models.BooleanField(default=False)
    skips_alike = models.BooleanField(default=False)
    replaces_owners = models.BooleanField(default=False)
    strangers = models.JSONField(default=dict)
    countries = models.JSONField(default=dict)
    unknown_countries = models.JSONField(default=dict)
    list_name = models.TextField(default="")
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.READY)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(default="")
    rows = models.BigIntegerField()
    rows_read = models.BigIntegerField(default=0)
    rows_new = models.BigIntegerField(default=0)
    rows_known = models.BigIntegerField(default=0)
    rows_refused = models.BigIntegerField(default=0)
    rows_partly = models.BigIntegerField(default=0)
    rows_alike = models.BigIntegerField(default=0)
    rows_again = models.BigIntegerField(default=0)
    reasons = models.JSONField(default=dict)
    rows_forgotten_at = models.DateTimeField(null=True)
    is_undoable = models.BooleanField(default=True)
    undo_started_at = models.DateTimeField(null=True)
    undo_by = models.TextField(default="")
    undone_at = models.DateTimeField(null=True)
    activities_back = models.BigIntegerField(default=0)

    class Meta:
        """Workers look for those that run, and those to be taken back."""

        indexes: ClassVar = [
            models.Index(fields=["id"], name="import_running", condition=models.Q(state="running")),
            models.Index(fields=["id"], name="import_undoing", condition=models.Q(state="undoing")),
        ]
        constraints: ClassVar = [models.CheckConstraint(name="import_state_is_one", condition=models.Q(state__in=ImportState.values))]

    def __str__(self) -> str:
        return self.file_name

    @property
    def bringer(self) -> str:
        """By whom histories say that a value came with this file."""
        return f"import:{self.pk}"

    @property
    def order_of(self) -> dict[str, str]:
        """Whether the day or the month is first, by the field of the column."""
        chosen = {self.columns[int(place)]: found["order"] for place, found in self.orders.items()}
        return {field: order for field, order in chosen.items() if field is not None}

    def kind_of(self, place: int) -> str:
        """What a new field of a column is; text where nobody says otherwise: a yes or no may be what models ask for as a text."""
        found = self.kinds.get(str(place), {})
        guess = found.get("guess", "")
        return str(found.get("kind") or (guess if guess in GUESSED else "string"))

    def new_fields(self, known: Collection[str]) -> dict[str, Definition]:
        """Return the fields that columns become and nobody has yet, as they are defined once the rows are brought in."""
        found = {}
        for place, column in enumerate(self.columns):
            if column is not None and column not in known:
                kind, values = self.kind_of(place), self.kinds.get(str(place), {}).get("values", [])
                label = self.heading[place][:LONGEST_NAME]
                found[column] = Definition(column, label, kind, tuple(values) if kind == "choice" else ())
        return found

    @property
    def spelling(self) -> Spelling:
        """How its rows write values."""
        headings = {field: name for field, name in zip(self.columns, self.heading, strict=True) if field is not None}
        return Spelling(self.order_of, self.countries, headings)


class ImportPart(models.Model):
    """A piece of a file: so it is in the backup, and whichever worker there is can read it."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="parts")
    number = models.IntegerField()
    body = models.BinaryField()

    class Meta:
        """Pieces are read in order."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["of", "number"], name="import_part_once")]

    def __str__(self) -> str:
        return f"{self.of_id}.{self.number}"


class RefusedRow(models.Model):
    """A row that could not be taken, or not whole, as it was, and why. ``is_taken``: it was, without the cells that the reason names."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="refused")
    line = models.BigIntegerField()
    reason = models.TextField()
    cells = models.JSONField()
    is_taken = models.BooleanField(default=False)

    class Meta:
        """A row is refused once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["of", "line"], name="refused_row_once")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class RowAgain(models.Model):
    """A row that names somebody whom an earlier row of its file names (``first_line``): it was written over that one, or skipped."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="again")
    line = models.BigIntegerField()
    first_line = models.BigIntegerField()

    class Meta:
        """Read by line, of one file."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["of", "line"], name="row_again_once")]

    def __str__(self) -> str:
        return f"line {self.line} as line {self.first_line}"


class ImportedCompany(models.Model):
    """A company that a file named: made by it or known before. ``left``: once the file was taken back, what stays."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="companies")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    is_made = models.BooleanField()
    result = models.CharField(max_length=4, choices=TakenBack, default=TakenBack.NOT_YET, blank=True)
    left = models.JSONField(default=list)

    class Meta:
        """A file names a company once, however many of its rows do."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["of", "account"], name="imported_company_once")]

    def __str__(self) -> str:
        return f"{self.account} by {self.of}"


class ImportedContact(models.Model):
    """A contact that a file named: made by it or known before, and by which ids of the other system (``known_as``) it is known through it.

    ``line``: of the row that named it first; null: nobody wrote that down.

    ``result``: what became of it when the file was taken back; ``left``: why it stays, or which of its fields do.
    """

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="contacts")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    is_made = models.BooleanField()
    known_as = ArrayField(models.TextField(), default=list)
    line = models.BigIntegerField(null=True)
    result = models.CharField(max_length=4, choices=TakenBack, default=TakenBack.NOT_YET, blank=True)
    left = models.JSONField(default=list)

    class Meta:
        """A file names a contact once, however many of its rows do; contacts are found by their ids, workers look for the next."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["of", "contact"], name="imported_contact_once")]
        indexes: ClassVar = [
            GinIndex(fields=["known_as"], name="imported_contact_known", fastupdate=False),
            models.Index(fields=["of", "id"], name="imported_contact_waits", condition=models.Q(result="")),
        ]

    def __str__(self) -> str:
        return f"{self.contact} by {self.of}"


class ImportedFact(models.Model):
    """A place of a lead or a company on a list, or what became of a lead, as a file said: ``is_made`` by it, else known before.

    ``result``: what became of it when the file was taken back; ``left``: why it stays.
    """

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="facts")
    member = models.ForeignKey(ListMember, null=True, on_delete=models.CASCADE, related_name="+")
    outcome = models.ForeignKey(LeadOutcome, null=True, on_delete=models.CASCADE, related_name="+")
    is_made = models.BooleanField()
    result = models.CharField(max_length=4, choices=TakenBack, default=TakenBack.NOT_YET, blank=True)
    left = models.JSONField(default=list)

    class Meta:
        """A file says a thing once, however many of its rows do; workers look for the next to be taken back."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["of", "member"], name="imported_member_once"),
            models.UniqueConstraint(fields=["of", "outcome"], name="imported_outcome_once"),
            models.CheckConstraint(name="imported_fact_is_one", condition=models.Q(member__isnull=False) ^ models.Q(outcome__isnull=False)),
        ]
        indexes: ClassVar = [models.Index(fields=["of", "id"], name="imported_fact_waits", condition=models.Q(result=""))]

    def __str__(self) -> str:
        return f"{self.member or self.outcome} by {self.of}"
