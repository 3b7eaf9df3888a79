"""There is no such page; but an address with a slash too many or too few at its end leads to the one that is meant."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import is_valid_path
from django.views.defaults import page_not_found


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Lead to the page that is meant where there is one, else say that there is no such page."""
    typed = request.path_info
    meant = typed.rstrip("/") if typed.endswith("/") else f"{typed}/"
    if request.method in ("GET", "HEAD") and is_valid_path(meant) and not is_valid_path(typed):
        asked = request.GET.urlencode()
        return HttpResponseRedirect(f"{meant}?{asked}" if asked else meant)
    return page_not_found(request, exception)
