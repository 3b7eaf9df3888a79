"""Answers hold instants to the microsecond, as they are stored: asked again at such an instant, the answer is the same."""

from datetime import UTC, datetime
from typing import Any

from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder


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
