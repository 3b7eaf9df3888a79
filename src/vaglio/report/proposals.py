"""The report of proposed points."""

from collections.abc import Sequence

from vaglio.learning.suggest import Proposal
from vaglio.report.bands import test_words
from vaglio.report.study import Column, Row, Section, Study, Table
from vaglio.report.words import _, plain, signed


def proposals_study(made: Sequence[Proposal], looked_at: str, notes: Sequence[str] = ()) -> Study:
    """Return the report of proposed points."""
    sure = [each for each in made if each.evidence.is_sure]
    columns = [Column(_("Field or action")), Column(_("Value")), Column(_("Points"), True)]
    most = max((abs(each.evidence.points) for each in sure), default=1) or 1
    rows = [
        Row(
            (plain(each.field), test_words(each.test), signed(each.evidence.points)),
            bar=each.evidence.points / most, note=each.evidence.sentence(),
        )
        for each in sure
    ]  # fmt: skip
    words = _("Shares of few leads are drawn towards the average before they become points; ten points double the odds.")
    return Study(
        title=_("Proposed points"),
        headline=_("{n} values and actions surely come with the outcome, or without it.").format(n=len(sure)),
        lead_in=_("{n} more are not surely different from the average.").format(n=len(made) - len(sure)) + " " + looked_at,
        sections=[Section("proposals", _("What they are worth"), words, [Table(columns, rows)])],
        notes=notes,
    )
