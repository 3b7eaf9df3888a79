"""Where the points of a document come from that was made from outcomes: of which leads, known up to when, by what, and how good it was."""

from typing import Literal

from pydantic import Field

from vaglio.quantities import Duration, Frozen, Instant, Name, Number, Text


class Window(Frozen):
    """When the first and the last of the leads were created."""

    first: Instant
    last: Instant


class Origin(Frozen):
    """What a document that was made from outcomes says of that; scores do not depend on it."""

    method: Literal["logistic", "predictive", "suggest"]
    full: bool = Field(default=False, strict=True, description="learned without limits on inputs, bands and pairs")
    leads: int = Field(ge=1, strict=True, description="leads with a known outcome")
    outcomes: int = Field(ge=0, strict=True, description="those of them that came out well")
    window: Window | None = Field(default=None, description="when the first and the last of these leads were created")
    watermark: Instant | None = Field(default=None, description="facts that became known after this instant were not seen")
    at_age: Duration | None = Field(default=None, description="each lead was looked at so long after it was created")
    horizon: Duration | None = Field(default=None, description="so long outcomes were waited for")
    seed: int | None = Field(default=None, strict=True, description="the same seed learns the same document from the same leads")
    versions: dict[str, Text] = Field(default_factory=dict, description="of Vaglio, and of what it learned with")
    metrics: dict[Name, Number] = Field(default_factory=dict, description="how good it was on leads that were held out")
