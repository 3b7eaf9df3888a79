"""Every write about telling other systems."""

from vaglio_server.connectors.actions.endpoints import (
    NewEndpoint,
    change_endpoint,
    make_endpoint,
    remove_endpoint,
    rotate_secret,
    switch_endpoint,
)
from vaglio_server.connectors.actions.fanning import fan_out
from vaglio_server.connectors.actions.replays import forget_tests, replay_delivery, replay_failed, send_test
from vaglio_server.connectors.actions.sending import Sender

__all__ = [
    "NewEndpoint",
    "Sender",
    "change_endpoint",
    "fan_out",
    "forget_tests",
    "make_endpoint",
    "remove_endpoint",
    "replay_delivery",
    "replay_failed",
    "rotate_secret",
    "send_test",
    "switch_endpoint",
]
