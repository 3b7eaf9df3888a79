"""Who is told what happens to leads, and what became of telling them."""

from vaglio_server.connectors.models.deliveries import TEST, State, WebhookDelivery
from vaglio_server.connectors.models.endpoints import Endpoint, WhyOff

__all__ = ["TEST", "Endpoint", "State", "WebhookDelivery", "WhyOff"]
