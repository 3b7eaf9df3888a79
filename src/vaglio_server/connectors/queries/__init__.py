"""Reading who is told of what, and what became of it."""

from vaglio_server.connectors.queries.bodies import bodies_of, body_of, told_of
from vaglio_server.connectors.queries.endpoints import Sent, deliveries_of, endpoints, happenings_after, receivers_told, sent_to, troubled

__all__ = [
    "Sent", "bodies_of", "body_of", "deliveries_of", "endpoints", "happenings_after", "receivers_told", "sent_to", "told_of", "troubled",
]  # fmt: skip
