"""Machines that say what they are: crawlers, link checkers, previews, programs; and networks that are known for them."""

import ipaddress
import re

_KNOWN = re.compile(
    r"(?<!cu)bot(?![a-z])|crawl|spider|slurp|preview|scanner|monitor|headless|phantomjs|puppeteer|playwright|selenium|lighthouse|"
    r"facebookexternalhit|^whatsapp/|uptime|curl/|wget/|python|aiohttp|urllib|httpclient|go-http-client|^java/|^ruby\b|okhttp|node-fetch|"
    r"axios/|libwww|guzzle|postman|barracuda|urldefense|proofpoint|mimecast|cloudmark|trendmicro|safelinks|fireeye|sophos|linkprotect",
    re.IGNORECASE,
)
LONGEST = 300  # characters of an agent that are kept


def is_machine(user_agent: str) -> bool:
    """Whether a browser says it is a program."""
    return bool(_KNOWN.search(user_agent))


def network_of(address: str) -> str:
    """Return the network of an address, as much of it as says which house it comes from and not which person; nothing where it is none."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))


def agent_of(user_agent: str) -> str:
    """Return an agent as it is kept and compared."""
    return " ".join(user_agent.split())[:LONGEST]
