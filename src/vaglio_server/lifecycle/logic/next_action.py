"""What to do next with a lead that waits for a seller, or is in work: one thing, and by what."""

from dataclasses import dataclass
from enum import StrEnum

from vaglio_server.lifecycle.logic.qualification import Answers, Qualification


class Do(StrEnum):
    """What is done next."""

    CALL = "call"
    WRITE = "write"
    FIND = "find"  # nobody knows how to reach them
    STEP = "step"  # what the seller said they would do
    ASK = "ask"  # about what is not known of their budget, authority, need, timeline
    CONVERT = "convert"
    DECIDE = "decide"  # something speaks against it: go on, or hand it back


@dataclass(frozen=True)
class Next:
    """What is done next: ``by``: the number or address, what was planned, or the questions to ask."""

    do: Do
    by: tuple[str, ...] = ()


def next_of(phone: str, email: str) -> Next:
    """Return how somebody is answered who waits: who can be called is called, as an answer within the hour is worth most by voice."""
    if phone:
        return Next(Do.CALL, (phone,))
    return Next(Do.WRITE, (email,)) if email else Next(Do.FIND)


def next_in_work(answers: Answers, step: str) -> Next:
    """Return what is done next with somebody whom sales has taken on."""
    if step:
        return Next(Do.STEP, (step,))
    if answers.state == Qualification.QUALIFIED:
        return Next(Do.CONVERT)
    if answers.missing:
        return Next(Do.DECIDE, answers.missing)
    return Next(Do.ASK, answers.unasked)
