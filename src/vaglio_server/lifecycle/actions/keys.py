"""Keys of callers: the same key is the same deed, however often it is sent."""

from django.utils.translation import gettext as _

from vaglio_server.refused import Refused

LONGEST_KEY = 200


def check_key(key: str | None) -> None:
    """Refuse a key that is none.

    Raises
    ------
    Refused
        It is empty, too long or cannot be printed.
    """
    if key is not None and (not key or len(key) > LONGEST_KEY or not key.isprintable()):
        raise Refused(_("a key is text of 1 to {n} characters").format(n=LONGEST_KEY))
