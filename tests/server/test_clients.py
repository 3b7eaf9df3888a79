"""Clients people already use, unchanged, over real HTTP to the whole server."""

import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.server.running import Running, running, wait_for
from tests.server.world import leads, make_live, make_source

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[Running]:
    with running(database, processes=1) as found:
        yield found


def assert_arrived(errors: list[Any]) -> None:
    """Anna's rating follows from what the client sent."""
    assert errors == []
    wait_for(lambda: [lead.rating for lead in leads().values()] == ["A1"], 15)
    assert leads()["anna@acme.example"].fields["first_name"] == "Anna"


TRAITS = {"email": "anna@acme.example", "firstName": "Anna", "title": "CTO", "employees": 90}


def assert_takes(kind: Any, server: Running, end: Callable[[Any], None]) -> None:
    """Both clients of Python are used alike but for their end."""
    make_live()
    errors: list[Any] = []
    client = kind(make_source().write_key, host=server.address, on_error=lambda error, _items: errors.append(error), max_retries=1)
    client.identify("anna", TRAITS)
    client.page("anna", None, "Pricing", {"path": "/pricing"})
    client.track("anna", "Form Submitted", {"form": "demo"})
    end(client)
    assert_arrived(errors)


def test_segment_analytics_python(server: Running) -> None:
    from segment.analytics import Client

    assert_takes(Client, server, lambda client: client.shutdown())


def test_rudder_sdk_python(server: Running) -> None:
    from rudderstack.analytics.client import Client

    assert_takes(Client, server, lambda client: (client.join(), client.flush()))


CLIENTS = Path(__file__).parents[1] / "clients"
# Programs of the virtual environment come last: they stand in where the machine has no Node of its own.
ENVIRONMENT = os.environ | {"PATH": f"{os.environ['PATH']}:{Path(sys.executable).parent}"}


@pytest.mark.parametrize("script", ["node_segment.mjs", "node_rudder.mjs"])
def test_clients_of_node(server: Running, script: str) -> None:
    make_live()
    command = ["node", script, server.address, make_source().write_key]
    told = subprocess.run(command, cwd=CLIENTS, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False)
    assert_arrived([] if told.returncode == 0 else [told.stderr])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web site on an address of its own, with a page for each client."""
    root = tmp_path_factory.mktemp("site")
    folder = root / "pricing"
    for source in (CLIENTS / "web").glob("*.js"):
        command = [
            "node_modules/.bin/esbuild",
            str(source),
            "--bundle",
            "--format=esm",
            f"--outfile={folder / source.name}",
            "--log-level=error",
        ]
        subprocess.run(command, cwd=CLIENTS, env=ENVIRONMENT, check=True)
        (folder / f"{source.stem}.html").write_text(f'<title>Shop</title><script type="module" src="{source.name}"></script>')
    handler = partial(Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as shop:
        threading.Thread(target=shop.serve_forever).start()
        yield f"http://127.0.0.1:{shop.server_port}"
        shop.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Says nothing to the terminal."""

    def log_message(self, *_: Any) -> None: ...


@pytest.mark.parametrize("client", ["segment", "rudder", "jitsu"])
def test_clients_of_the_browser(server: Running, site: str, client: str) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    make_live()
    page = f"{site}/pricing/{client}.html#{server.address.removeprefix('http://')}|{make_source().write_key}"
    assert_arrived(visit(chromium, page, server.address))


def visit(chromium: str, address: str, server: str) -> list[str]:
    """Open a page until it has sent three events; return what went wrong in it."""
    from playwright.sync_api import Request, Route, sync_playwright

    wrong: list[str] = []
    sent: list[str] = []

    def only_here(route: Route) -> None:
        """Nothing leaves this machine."""
        if route.request.url.startswith("http://127.0.0.1:"):
            route.continue_()
        else:
            route.abort()

    def finished(request: Request) -> None:
        if request.method == "POST" and request.url.startswith(server):
            sent.append(request.url)

    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as browser:
        # As it comes it calls itself headless, and is taken for the machine that it is.
        page = browser.new_page(user_agent=f"Mozilla/5.0 (X11; Linux x86_64) Chrome/{browser.version} Safari/537.36")
        page.route("**/*", only_here)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("requestfinished", finished)
        page.goto(address)
        for _ in range(150):
            if len(sent) >= 3:
                break
            page.wait_for_timeout(100)
    return wrong if len(sent) >= 3 else [*wrong, f"only {sent} were sent"]
