"""Instants in answers and questions. Answers hold them to the microsecond, as they are stored: asked again at such an instant, the answer
is the same.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder
from pydantic import AfterValidator, AwareDatetime

FIRST_YEAR, LAST_YEAR = 1970, 2200


def _in_reach(at: datetime) -> datetime:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"lies outside of the years {FIRST_YEAR} to {LAST_YEAR}")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_in_reach)]


class ExactEncoder(NinjaJSONEncoder):
    """Django's own cuts instants to the millisecond, which may lie before what became known then."""

    def default(self, o: Any) -> Any:
        """Return what JSON holds of a value."""
        if isinstance(o, datetime) and o.tzinfo is not None:
            return o.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return super().default(o)


class ExactRenderer(JSONRenderer):
    """Writes answers."""

    encoder_class = ExactEncoder
