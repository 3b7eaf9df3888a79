"""Machines that look like people: crawlers, link checkers, previews."""

import re

_KNOWN = re.compile(r"bot\b|crawl|spider|preview|scanner|monitor|headless|curl/|wget/|python-requests|httpclient", re.IGNORECASE)


def is_machine(user_agent: str) -> bool:
    """Whether a browser says it is a program."""
    return bool(_KNOWN.search(user_agent))
