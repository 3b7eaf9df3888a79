"""While the database is away, or takes nothing, a page says so, with 503, and asks for itself again."""

from collections.abc import Callable
from typing import Any

from django.db import DataError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.loader import get_template

from vaglio_server.database import is_away, is_read_only

RETRY_SECONDS = 5


def say_so(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 503 where a page could not ask the database, 400 where it was asked for what no database holds."""

    def answered(request: HttpRequest) -> HttpResponse:
        answer = get_response(request)
        # Who keeps count of tries to sign in takes one that it cannot write down for one too many.
        return _away() if answer.status_code == 429 and is_read_only() else answer

    answered.process_exception = _instead  # type: ignore[attr-defined]
    return answered


def _away() -> HttpResponse:
    return HttpResponse(get_template("503.html").render(), status=503, headers={"Retry-After": str(RETRY_SECONDS)})


def _instead(_request: HttpRequest, error: Exception) -> Any:
    if is_away(error):
        connection.close()
        return _away()
    if isinstance(error, DataError):
        return HttpResponseBadRequest("a part of the address holds what no database does, such as the character NUL")
    return None
