"""Browsers on any site may send events, so the intake answers their preflight; nothing else is opened."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

OPEN = ("/v1/", "/api/s/", "/beacon/")
HEADERS = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, content-encoding, x-write-key, anonymousid",
    "Access-Control-Max-Age": "86400",
}


def open_intake(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return the middleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(OPEN):
            return get_response(request)
        asked = request.method == "OPTIONS"
        response = HttpResponse(status=204, headers=HEADERS) if asked else get_response(request)
        response["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
        response["Access-Control-Allow-Credentials"] = "true"
        response["Vary"] = "Origin"
        return response

    return middleware
