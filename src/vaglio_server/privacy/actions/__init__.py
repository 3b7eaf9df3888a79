"""What is done with all of one person's data at once, and with what has grown old."""

from vaglio_server.privacy.actions.erasing import Erased, NobodyThere, erase
from vaglio_server.privacy.actions.giving import Given, give_out, told_to
from vaglio_server.privacy.actions.objecting import NoObjection, NothingToStop, rate_again, stop_rating
from vaglio_server.privacy.actions.retention import (
    EVERY,
    HELD,
    begin_deleting,
    check_retention,
    delete_old,
    end_deleting,
    go_on_deleting,
    put_off_deleting,
    set_retention,
)

__all__ = [
    "EVERY",
    "HELD",
    "Erased",
    "Given",
    "NoObjection",
    "NobodyThere",
    "NothingToStop",
    "begin_deleting",
    "check_retention",
    "delete_old",
    "end_deleting",
    "erase",
    "give_out",
    "go_on_deleting",
    "put_off_deleting",
    "rate_again",
    "set_retention",
    "stop_rating",
    "told_to",
]
