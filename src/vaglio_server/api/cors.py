"""Browsers on any site may send events, so the intake answers their preflight; nothing else is opened.

It stands before every other middleware and calls the intake itself: events need no session, and there are many of them.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

OPEN = ("/v1/", "/api/s/", "/beacon/", "/sourceConfig")
HEADERS = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, content-encoding, x-write-key, anonymousid",
    "Access-Control-Max-Age": "86400",
}


def open_intake(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return the middleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(OPEN):
            return get_response(request)
        if request.method == "OPTIONS":
            response = HttpResponse(status=204, headers=HEADERS)
        else:
            try:
                view, _arguments, named = resolve(request.path)
            except Resolver404:
                return get_response(request)  # a page of ours, for whoever is signed in: no other site may read it
            response = view(request, **named)
        response["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
        response["Access-Control-Allow-Credentials"] = "true"
        response["Vary"] = "Origin"
        return response

    return middleware
