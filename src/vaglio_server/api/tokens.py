"""Who calls: a token in the Authorization header, good for reading or for writing."""

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja.security import HttpBearer

from vaglio_server.users.actions import note_used
from vaglio_server.users.models import ApiToken, Scope
from vaglio_server.users.queries import token_of


class Bearer(HttpBearer):
    """A token with a scope; one for writing may read too."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self._scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Return the token, None where it is none or not good for this; that it is in use is remembered."""
        found = token_of(token)
        if found is None or self._scope not in {Scope.READ, found.scope}:
            return None
        note_used(token=found, at=datetime.now(UTC))
        return found


READING = Bearer(Scope.READ)
WRITING = Bearer(Scope.WRITE)
