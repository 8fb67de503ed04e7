"""Charts drawn by a real browser under the product's content security policy."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from chart_samples import every_chart
from playwright.sync_api import Browser, Page

from sightline.charts.bundle import script
from sightline.config.middleware import CONTENT_SECURITY_POLICY

pytestmark = pytest.mark.browser


def _document() -> str:
    wide, narrow = every_chart(), every_chart(narrow=True)
    figures = "".join(
        f'<figure data-chart id="{name}"><div data-canvas role="img" aria-label="{html.escape(name)}"></div>'
        f'<script type="application/json">{json.dumps({"spec": wide[name], "narrow": narrow[name]})}</script></figure>'
        for name in wide
    )
    return (
        "<!doctype html><html lang=en data-vega=/vega.js><title>t</title>"
        f"<body>{figures}<script type=module src=/charts.js></script>"
    )


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    charts = Path(__file__).parents[2] / "src/sightline/web/static/web/js/charts.js"
    files = {
        "/": (_document().encode(), "text/html; charset=utf-8"),
        "/charts.js": (charts.read_bytes(), "text/javascript"),
        "/vega.js": (script().body, "text/javascript"),
    }

    class Serve(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, kind = files.get(self.path, (b"", "text/plain"))
            self.send_response(200 if self.path in files else 204)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Serve)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    opened = chromium.new_page(viewport={"width": 900, "height": 900})
    yield opened
    opened.close()


def _drawn(page: Page) -> None:
    # Not wait_for_function: it evaluates a string, which the policy forbids.
    for name in ("line", "bar", "ranked", "scatter"):
        page.wait_for_selector(f"#{name}[data-drawn] svg", timeout=20_000)


@pytest.mark.req("PRG-6")
def test_every_chart_is_drawn_without_breaking_the_policy(page: Page, address: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    _drawn(page)
    assert complaints == []
    assert page.locator("figure[data-failed]").count() == 0
    assert page.locator("#line svg").inner_html().count("$700 MS Finance<") == 1


def test_the_theme_follows_the_page(page: Page, address: str) -> None:
    page.goto(address)
    _drawn(page)
    light = page.locator("#bar svg").inner_html()
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_selector("#bar[data-drawn^='dark'] svg")
    assert page.locator("#bar svg").inner_html() != light
    page.evaluate("delete document.documentElement.dataset.theme")


def test_a_narrow_place_gets_the_narrow_chart(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(address)
    _drawn(page)
    assert page.locator("#scatter[data-drawn='light true']").count() == 1
    assert "Grow" in page.locator("#scatter svg").inner_html()
    page.set_viewport_size({"width": 900, "height": 900})
    page.wait_for_selector("#scatter[data-drawn='light false'] svg")


def test_the_sentence_is_the_only_name_of_a_chart(page: Page, address: str) -> None:
    page.goto(address)
    _drawn(page)
    assert page.locator("figure svg[aria-hidden='true']").count() == len(every_chart())
    assert page.get_by_role("img", name="line").count() == 1
