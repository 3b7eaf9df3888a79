"""The names of lines as scores are stored with them."""


def stored_line(key: str) -> tuple[str, str, str]:
    """Return the axis, the name and the part that a stored line's key is made of."""
    axis, name, part = key.split(".")
    return axis, name, part
