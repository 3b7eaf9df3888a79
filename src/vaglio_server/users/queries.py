"""Finding users."""

from vaglio_server.refused import Refused
from vaglio_server.users.models import ApiToken, User


def user_named(name: str) -> User:
    """Return a user by name.

    Raises
    ------
    Refused
        There is none.
    """
    found = User.objects.filter(username=name).first()
    if found is None:
        raise Refused(f"there is no user {name}")
    return found


def token_of(text: str) -> ApiToken | None:
    """Return the token with this text, if it is still good and its user may still sign in."""
    digest = ApiToken.digest_of(text)
    return ApiToken.objects.select_related("user").filter(digest=digest, revoked_at__isnull=True, user__is_active=True).first()
