"""Whether a server can listen on a port."""

import socket

from vaglio.errors import VaglioError


def need_port(host: str, port: int, hint: str) -> None:
    """Refuse a port on which another server listens: ours would share it, and every other request would be that one's.

    Raises
    ------
    VaglioError
        Nothing can listen there; ``hint`` says what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trying:
        trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that ended just now are in nobody's way
        try:
            trying.bind((host, port))
        except OSError as error:
            raise VaglioError("port", f"nothing can listen on {host}:{port} ({error.strerror or error})", hint) from error
