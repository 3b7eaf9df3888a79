"""The stages that a sale goes through: those that a new installation has, and what is wrong with stages that somebody wants."""

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_NAME = 60
MOST_STAGES = 20
MOST_PIPELINES = 20


@dataclass(frozen=True)
class StageSaid:
    """A stage as somebody wants it: ``number`` is that of one that is there; ``outcome`` how a sale ends that comes here."""

    name: str
    probability_percent: int
    outcome: str = "open"
    number: int | None = None


USUAL_NAME = "Sales"
USUAL = (
    StageSaid("Qualification", 10),
    StageSaid("Needs analysis", 25),
    StageSaid("Proposal", 50),
    StageSaid("Negotiation", 75),
    StageSaid("Won", 100, "won"),
    StageSaid("Lost", 0, "lost"),
)


def stage_faults(stages: Sequence[StageSaid]) -> list[str]:
    """Return what is wrong with the stages of a pipeline, a sentence each."""
    found = [fault for each in stages for fault in _faults(each)]
    seen: set[str] = set()
    for each in stages:
        if each.name.lower() in seen:
            found.append(f"{each.name}: there are two stages called so; call one of them otherwise")
        seen.add(each.name.lower())
    for outcome in ("won", "lost"):
        if sum(each.outcome == outcome for each in stages) > 1:
            found.append(f"two stages are {outcome}; one is enough")
    if not any(each.outcome == "open" for each in stages):
        found.append("a pipeline needs a stage in which sales are open")
    if len(stages) > MOST_STAGES:
        found.append(f"{len(stages)} stages are too many; {MOST_STAGES} fit")
    return found


def _faults(stage: StageSaid) -> list[str]:
    found = []
    if not stage.name or len(stage.name) > LONGEST_NAME or not stage.name.isprintable():
        found.append(f"{stage.name[:LONGEST_NAME]!r}: a stage needs a name of at most {LONGEST_NAME} characters")
    if not 0 <= stage.probability_percent <= 100:
        found.append(f"{stage.name}: a probability is from 0 to 100%, not {stage.probability_percent}")
    if stage.outcome not in ("open", "won", "lost"):
        found.append(f"{stage.name}: {stage.outcome[:20]!r} is no way in which a sale ends; it is open, won or lost")
    return found
