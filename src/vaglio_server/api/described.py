"""What the API's own description says of errors: by one rule for all operations, as they are all answered in one place."""

from typing import Any

from ninja import NinjaAPI

PROBLEM = "application/problem+json"
ALWAYS = {401: "No token, or one that is not good for this", 503: "The database does not answer, or takes nothing; try again"}
UNFIT = {422: "A parameter, the body or a value does not fit"}
MISSING = {404: "There is no such thing, or it is not the caller's to see"}
REFUSED = {403: "Not for the caller's role"}
CONFLICT = {409: "It cannot be done as things are"}
# Of what reading, too, is not for everybody; one lead or record that is not for its reader is not there (404).
NOT_FOR_ALL = frozenset({"after hand-over", "happenings", "pipelines", "refused events", "routing", "second opinions", "webhooks"})
_SCHEMA = {
    "title": "Problem",
    "description": "What is wrong and what to do (RFC 9457).",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "errors": {"type": "array", "items": {}, "description": "Each fault, where there may be several."},
        "code": {"type": "string", "description": "The kind of fault, where it has a name."},
    },
    "required": ["type", "status", "title"],
}


class DescribedAPI(NinjaAPI):
    """An API whose description says which errors come, too."""

    def get_openapi_schema(self, **given: Any) -> Any:
        """Return the description, with the problems that each operation may answer."""
        schema = super().get_openapi_schema(**given)
        schema["components"]["schemas"]["Problem"] = _SCHEMA
        content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                told = {status: {"description": said, "content": content} for status, said in _errors(path, method, operation).items()}
                operation["responses"] = {**told, **operation["responses"]}
        return schema


def _errors(path: str, method: str, operation: dict[str, Any]) -> dict[int, str]:
    writes = method != "get"
    found = dict(ALWAYS)
    if operation["parameters"] or "requestBody" in operation:
        found |= UNFIT
    if "{" in path or writes:
        found |= MISSING
    if writes or NOT_FOR_ALL & set(operation["tags"]):
        found |= REFUSED
    return found | CONFLICT if writes else found
