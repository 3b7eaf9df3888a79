"""Errors as RFC 9457 problems."""

import json
from typing import Any

from django.db import DataError, InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from vaglio.errors import DocumentError, VaglioError
from vaglio_server.crm.actions import FaultyValues, NotYours
from vaglio_server.database import is_away
from vaglio_server.refused import Refused

NO_TOKEN = "no token came with the request; send the header Authorization: Bearer TOKEN, with one made on the page API tokens"
UNKNOWN_TOKEN = "the token is unknown, was taken back or has run out, or may not do this; make one on the page API tokens"


def problem(status: int, title: str, **more: Any) -> HttpResponse:
    """Return a problem: what is wrong and what to do."""
    body = {"type": "about:blank", "status": status, "title": title, **more}
    return HttpResponse(json.dumps(body, default=str), status=status, content_type="application/problem+json")


def register(api: NinjaAPI) -> None:
    """Answer every error of an API with a problem."""
    _register_records(api)
    _register_database(api)

    @api.exception_handler(HttpError)
    def _http(_request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, error.message)

    @api.exception_handler(AuthenticationError)
    def _unknown(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
        answer = problem(401, UNKNOWN_TOKEN if "Authorization" in request.headers else NO_TOKEN)
        answer["WWW-Authenticate"] = "Bearer"
        return answer

    @api.exception_handler(Http404)
    def _missing(_request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, str(error) or "there is nothing here")

    @api.exception_handler(ValidationError)
    def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
        return problem(422, "a parameter or the body does not fit", errors=error.errors)

    @api.exception_handler(DocumentError)
    def _document(_request: HttpRequest, error: DocumentError) -> HttpResponse:
        return problem(422, "the model has faults", errors=[str(issue) for issue in error.issues])

    @api.exception_handler(VaglioError)
    def _expected(_request: HttpRequest, error: VaglioError) -> HttpResponse:
        return problem(422, str(error), code=error.code)

    @api.exception_handler(Refused)
    def _refused(_request: HttpRequest, error: Refused) -> HttpResponse:
        return problem(409, str(error))


def _register_records(api: NinjaAPI) -> None:
    @api.exception_handler(FaultyValues)
    def _faulty(_request: HttpRequest, error: FaultyValues) -> HttpResponse:
        return problem(422, "some values do not fit", errors=error.faults)

    @api.exception_handler(NotYours)
    def _forbidden(_request: HttpRequest, error: NotYours) -> HttpResponse:
        return problem(403, str(error))


def _register_database(api: NinjaAPI) -> None:
    @api.exception_handler(DataError)
    def _unfit(_request: HttpRequest, _error: DataError) -> HttpResponse:
        return problem(422, "a parameter or the body holds what no database does, such as the character NUL")

    @api.exception_handler(OperationalError)
    @api.exception_handler(InterfaceError)
    @api.exception_handler(InternalError)
    def _away(_request: HttpRequest, error: Exception) -> HttpResponse:
        if not is_away(error):
            raise error
        return problem(503, "the database does not answer, or takes nothing; try again")
