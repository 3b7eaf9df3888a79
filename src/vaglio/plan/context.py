"""What every stage of one plan is made from."""

from dataclasses import dataclass

from vaglio.document import ModelDocument
from vaglio.plan.facts import Facts, Instants
from vaglio.plan.readers import Readers, Scored
from vaglio.plan.session import Session


@dataclass(frozen=True)
class Context:
    """One document over some facts at two instants, on one session."""

    session: Session
    document: ModelDocument
    facts: Facts
    at: Instants
    rules: tuple[Scored, ...]
    readers: Readers
