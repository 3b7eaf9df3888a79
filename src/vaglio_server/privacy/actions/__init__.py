"""What is done with all of one person's data at once, and with what has grown old."""

from vaglio_server.privacy.actions.erasing import Erased, NobodyThere, erase
from vaglio_server.privacy.actions.giving import Given, give_out, told_to
from vaglio_server.privacy.actions.objecting import NoObjection, NothingToStop, rate_again, stop_rating
from vaglio_server.privacy.actions.retention import EVERY, begin_deleting, check_retention, delete_old, put_off_deleting, set_retention

__all__ = [
    "EVERY",
    "Erased",
    "Given",
    "NoObjection",
    "NobodyThere",
    "NothingToStop",
    "begin_deleting",
    "check_retention",
    "delete_old",
    "erase",
    "give_out",
    "put_off_deleting",
    "rate_again",
    "set_retention",
    "stop_rating",
    "told_to",
]
