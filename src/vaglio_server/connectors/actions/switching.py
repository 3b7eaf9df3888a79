"""Switching a receiver off, by hand or because of what it answers."""

from datetime import datetime

from vaglio_server.connectors.models import Endpoint, WhyOff
from vaglio_server.users.actions import audit


def switch_off(endpoint: Endpoint, why: WhyOff, by: str, at: datetime) -> None:
    """Send a receiver nothing more, which the caller stores; what waits for it goes on waiting."""
    if endpoint.is_on:
        endpoint.is_on, endpoint.why_off, endpoint.off_at = False, why, at
        audit(by=by, verb="switch_endpoint", subject=f"endpoint:{endpoint.pk}", at=at, on=False, why=why.value)
