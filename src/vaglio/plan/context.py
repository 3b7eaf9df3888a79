"""What every stage of one plan is made from."""

from dataclasses import dataclass

from vaglio.document import ModelDocument
from vaglio.plan.facts import Facts
from vaglio.plan.readers import Readers, Scored
from vaglio.plan.steps import Now, Steps


@dataclass(frozen=True)
class Context:
    """One document over facts of one shape, and the steps made of them so far."""

    steps: Steps
    document: ModelDocument
    facts: Facts
    rules: tuple[Scored, ...]
    readers: Readers

    @property
    def at(self) -> Now:
        """The two instants of whichever run it is."""
        return self.steps.now
