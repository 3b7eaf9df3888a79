"""While the database is away a page says so, with 503, and asks for itself again."""

from collections.abc import Callable
from typing import Any

from django.db import DataError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.loader import get_template

RETRY_SECONDS = 5


def say_so(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 503 where a page could not ask the database, 400 where it was asked for what no database holds."""

    def answered(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    answered.process_exception = _instead  # type: ignore[attr-defined]
    return answered


def _instead(_request: HttpRequest, error: Exception) -> Any:
    if isinstance(error, (OperationalError, InterfaceError)):
        connection.close()
        return HttpResponse(get_template("503.html").render(), status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    if isinstance(error, DataError):
        return HttpResponseBadRequest("a part of the address holds what no database does, such as the character NUL")
    return None
