"""Every address, each with who may use it."""

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path, re_path

from vaglio_server.api.api import api
from vaglio_server.api.segment import intake, source_config

CALLS = "identify|track|page|screen|group|alias|batch|import|i|t|p|s|g|a|b"


def alive(_request: HttpRequest) -> JsonResponse:
    """Answer while the process lives."""
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 while the database answers, else 503: send nobody here now."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        connection.close()
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ok"})


urlpatterns = [
    re_path(rf"^v1/(?P<kind>{CALLS})/?$", intake),
    re_path(rf"^api/s/(?P<kind>{CALLS})/?$", intake),
    re_path(rf"^api/s/s2s/(?P<kind>{CALLS})/?$", intake),
    re_path(r"^beacon/v1/(?P<kind>batch)/?$", intake),
    re_path(r"^sourceConfig/?$", source_config),
    path("api/", api.urls),
    path("healthz", alive),
    path("readyz", ready),
]
