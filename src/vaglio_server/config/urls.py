"""Every address, each with who may use it."""

from allauth.account import urls as account_urls
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from vaglio_server.api.api import api
from vaglio_server.api.metrics import metrics
from vaglio_server.api.problems import problem
from vaglio_server.api.segment import intake, source_config
from vaglio_server.database import is_read_only

CALLS = "identify|track|page|screen|group|alias|batch|import|i|t|p|s|g|a|b"


# Nobody signs up or asks for a password by mail: users are made by an administrator.
SIGNING_IN = [each for each in account_urls.urlpatterns if each.name in {
    "account_login", "account_logout", "account_inactive", "account_reauthenticate", "account_change_password",
    "account_set_password",  # where somebody has none yet, as on the demo
}]  # fmt: skip


@csrf_exempt  # programs have no page from which a token against forgery would come
def no_address(request: HttpRequest) -> HttpResponse:
    """Answer programs that ask for what is not there as the API answers, whatever the method."""
    return problem(404, f"there is no address {request.path}; GET /api/openapi.json lists those of the API, POST /v1/batch takes events")


def alive(_request: HttpRequest) -> JsonResponse:
    """Answer while the process lives."""
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 while the database answers and can be written, else 503: send nobody here now."""
    try:
        if is_read_only():
            return JsonResponse({"status": "the database takes nothing: it is read-only"}, status=503)
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
    re_path(r"^(?:v1|api)/", no_address),
    path("metrics", metrics),
    path("healthz", alive),
    path("readyz", ready),
    path("accounts/", include(SIGNING_IN)),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("", include("vaglio_server.web.urls")),
]
handler404 = "vaglio_server.web.not_found.not_found"
