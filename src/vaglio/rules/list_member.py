"""Kind ``list_member``: points where the lead, or its account, is on a list at the scoring instant."""

from typing import ClassVar, Literal

from pydantic import model_validator

from vaglio.ask import Listed
from vaglio.quantities import Name
from vaglio.rule import Rule, points_words
from vaglio.terms import to_millipoints


class ListMember(Rule):
    """Points for being on a list, such as the priority accounts both teams named."""

    summary: ClassVar[str] = "the lead, or its account, is on a list"

    kind: Literal["list_member"]
    list: Name

    @model_validator(mode="after")
    def _is_whole(self) -> "ListMember":
        self.need_worth()
        return self

    def ask(self) -> Listed:
        """Ask whether the lead is on the list."""
        return Listed(self.list, to_millipoints(self.worth()))

    def sentence(self) -> str:
        """Return the rule in words."""
        return f"{points_words(to_millipoints(self.worth()))} when the lead or its account is on the list {self.list}"
