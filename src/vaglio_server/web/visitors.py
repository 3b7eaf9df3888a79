"""From where a request comes, as far as the proxies in front are to be believed."""

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return a visitor's address: the last one that our own proxies added; what stands before it anybody may have written."""
    told = request.headers.get("X-Forwarded-For", "").split(",")
    if settings.PROXIES and len(told) >= settings.PROXIES and (found := told[-settings.PROXIES].strip()):
        return found
    return str(request.META.get("REMOTE_ADDR") or "nowhere")
