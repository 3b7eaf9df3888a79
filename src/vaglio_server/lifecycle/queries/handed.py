"""Leads after they were handed to sales: where each is now, what sales said of it and why, by rating, source, seller and rule."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from vaglio.proportion import Proportion
from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.models import LeadStage, Stage

BY = ("rating", "source", "seller", "rule")
MOST = 200  # groups shown
HANDED_FIGURES = ("came", "accepted", "rejected", "waiting", "converted", "won")
# Each time a lead came to sales, and what came of it: what sales said, or that it was taken back before.
_HANDED = """
SELECT came.id, came.lead_id, came.rating, came.at, said.verb, said.reason, said.note, said.by, said.at AS said_at
FROM lifecycle_stagemove AS came LEFT JOIN LATERAL (
    SELECT verb, reason, note, by, at FROM lifecycle_stagemove AS next WHERE next.lead_id = came.lead_id AND next.id > came.id
        AND next.verb IN ('accept', 'reject', 'withdraw', 'disqualify') AND NOT EXISTS (
            -- accepted, and that was undone, by itself or with the conversion that it was part of
            SELECT FROM lifecycle_stagemove AS back WHERE next.verb = 'accept' AND back.lead_id = next.lead_id AND back.id > next.id
                AND back.verb IN ('unaccept', 'unconvert') AND back.after = next.before AND NOT EXISTS (
                    SELECT FROM lifecycle_stagemove AS amid WHERE amid.lead_id = next.lead_id AND amid.id > next.id AND amid.id < back.id
                        AND amid.verb NOT IN ('convert', 'sales_qualify')
                )
        ) ORDER BY next.id LIMIT 1
) AS said ON true WHERE came.verb = 'qualify' AND came.at >= %(since)s"""
# The rules that gave points in the score by which a lead came, of the version that drove then: "axis.rule.part" is a line.
_RULES = """CROSS JOIN LATERAL (
    SELECT DISTINCT split_part(line.key, '.', 1) || '.' || split_part(line.key, '.', 2) AS key FROM (
        SELECT lines FROM scoring_score WHERE lead_id = handed.lead_id AND known_at <= handed.at AND version_id = (
            SELECT drove.version_id FROM scoring_crossing AS crossing JOIN scoring_score AS drove ON drove.id = crossing.score_id
            WHERE crossing.lead_id = handed.lead_id AND drove.known_at <= handed.at ORDER BY crossing.id DESC LIMIT 1
        ) ORDER BY as_of DESC LIMIT 1
    ) AS its CROSS JOIN LATERAL jsonb_each(its.lines) AS line WHERE line.value::numeric > 0 AND line.key LIKE '%%.%%.%%'
) AS rule"""
# By what they are grouped, and what that is read from.
_KEYS = {
    "rating": ("handed.rating", ""),
    "source": ("COALESCE(lead.fields ->> 'lead_source', '')", "JOIN crm_lead AS lead ON lead.id = handed.lead_id"),
    "seller": (
        """COALESCE(handed.by, (
            SELECT username FROM crm_lead AS lead JOIN users_user AS owner ON owner.id = lead.owner_id WHERE lead.id = handed.lead_id
        ), '')""",
        "",
    ),
    "rule": ("rule.key", _RULES),
}


@dataclass(frozen=True)
class Became:
    """What became of leads that have something in common: how many came, what sales said, and how many were converted or bought."""

    key: str
    came: int
    accepted: int
    rejected: int
    waiting: int
    converted: int
    won: int

    @property
    def acceptance(self) -> Proportion:
        """How many of those that sales answered it accepted."""
        return Proportion(self.accepted, self.accepted + self.rejected)


@dataclass(frozen=True)
class Summary:
    """What became of what came to sales: by what those have in common, those most came of first; altogether; and why sales handed leads
    back. By rule a lead counts for each rule that gave it points, also in ``total``.
    """

    shares: list[Became]
    total: Became
    reasons: list[tuple[str, int]]


def summary(by: str, since: datetime) -> Summary:
    """Return what became of what came to sales since an instant."""
    key, joined = _KEYS[by]
    question = f"""WITH handed AS ({_HANDED})
        SELECT {key}, handed.verb, handed.reason,
            conversion.id IS NOT NULL OR COALESCE(standing.stage = ANY(%(converted)s), false),
            COALESCE(standing.stage = 'customer', false), count(*)
        FROM handed LEFT JOIN lifecycle_leadstage AS standing ON standing.lead_id = handed.lead_id
        LEFT JOIN lifecycle_conversion AS conversion ON conversion.lead_id = handed.lead_id AND conversion.undone_at IS NULL {joined}
        GROUP BY 1, 2, 3, 4, 5"""
    converted = [Stage.OPPORTUNITY.value, Stage.CUSTOMER.value]
    rows = [(its or "", *told) for its, *told in _read(question, {"since": since, "converted": converted})]
    counted: dict[str, Counter[str]] = {}
    why: Counter[str] = Counter()
    for key, verb, reason, is_converted, is_won, count in rows:
        its = counted.setdefault(key, Counter())
        for name, is_so in (
            ("came", True), ("accepted", verb == "accept"), ("rejected", verb in ("reject", "disqualify")), ("waiting", verb is None),
            ("converted", is_converted), ("won", is_won),
        ):  # fmt: skip
            its[name] += count if is_so else 0
        if verb in ("reject", "disqualify") and reason is not None:
            why[reason] += count
    shares = sorted((Became(key, **its) for key, its in counted.items()), key=lambda each: (-each.came, each.key))
    total = Became("", **{name: sum(its[name] for its in counted.values()) for name in HANDED_FIGURES})
    return Summary(shares[:MOST], total, sorted(why.items(), key=lambda each: (-each[1], each[0])))


@dataclass(frozen=True)
class Handed:
    """A lead that came to sales: when, rated how, what was said of it, and where it is now."""

    move: int
    lead: Lead
    rating: str | None
    at: datetime
    verb: str | None
    reason: str | None
    note: str
    by: str | None
    standing: LeadStage | None


def handed(since: datetime, *, source: str | None, stage: str, before: int | None, limit: int) -> list[Handed]:
    """Return leads that came to sales since an instant, the newest first; of a source, or that are at a stage now."""
    question = f"""WITH handed AS ({_HANDED})
        SELECT handed.id, handed.lead_id, handed.rating, handed.at, handed.verb, handed.reason, handed.note, handed.by
        FROM handed JOIN crm_lead AS lead ON lead.id = handed.lead_id
        LEFT JOIN lifecycle_leadstage AS standing ON standing.lead_id = lead.id
        WHERE (%(source)s::text IS NULL OR COALESCE(lead.fields ->> 'lead_source', '') = %(source)s)
            AND (%(stage)s = '' OR standing.stage = %(stage)s) AND (%(before)s::bigint IS NULL OR handed.id < %(before)s)
        ORDER BY handed.id DESC LIMIT %(limit)s"""
    rows = _read(question, {"since": since, "source": source, "stage": stage, "before": before, "limit": limit})
    leads = Lead.objects.select_related("account", "owner", "standing").in_bulk([row[1] for row in rows])
    return [
        Handed(move, leads[lead], rating, at, verb, reason, note or "", by, getattr(leads[lead], "standing", None))
        for move, lead, rating, at, verb, reason, note, by in rows
    ]


def _read(question: str, asked: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, asked)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return rows
