"""Libraries that only some commands need: that one is missing is said before anything is read."""

from importlib.util import find_spec

from vaglio.errors import DataError

OF_METHODS = {"logistic": ("scipy", "threadpoolctl"), "predictive": ("scipy", "threadpoolctl", "interpret")}


def need_method(method: str) -> None:
    """Refuse a method that there is not, or whose libraries are not installed."""
    if method not in OF_METHODS:
        raise DataError("method_unknown", f"--method {method!r} is none", "it is logistic or predictive")
    need_libraries("learning", *OF_METHODS[method])


def need_libraries(what: str, *names: str, extra: str = "learn") -> None:
    """Refuse to begin what needs libraries that are not installed."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise DataError("library_missing", f"{what} needs {' and '.join(missing)}", f"install them with: pip install 'vaglio[{extra}]'")
