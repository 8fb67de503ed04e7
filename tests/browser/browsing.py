"""One window of the browser, with what went wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
HARMLESS = ("Failed to load resource",)  # a status the test asked for; the page itself is checked


@dataclass
class Visit:
    """A window of one person. `complaints` holds console errors and requests to other hosts."""

    context: BrowserContext
    page: Page
    root: str
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, browser: Browser, *, root: str, width: int, dark: bool) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            base_url=root,
            accept_downloads=True,
        )
        visit = cls(context, context.new_page(), root)
        visit.page.set_default_timeout(20_000)
        visit.page.on("console", lambda m: visit._complain(m.text) if m.type in ("error", "warning") else None)
        visit.page.on("pageerror", lambda error: visit._complain(str(error)))
        visit.page.on("request", visit._check_host)
        return visit

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the page and wait for the workspace."""
        self.page.goto("/sign-in")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/w/demo/**")

    def drawn(self) -> None:
        """Wait until every chart in sight is drawn."""
        expect(self.page.locator("[data-view=chart][data-chart]:not([data-drawn])")).to_have_count(0)

    def settled(self) -> None:
        """Wait until the page that was asked for last is all there: a link leaves an empty document first."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_function("document.body !== null")

    def close(self) -> None:
        self.context.close()

    def _complain(self, text: str) -> None:
        if not text.startswith(HARMLESS):
            self.complaints.append(text)

    def _check_host(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        if host and host != urlsplit(self.root).netloc and not request.url.startswith(("data:", "blob:")):
            self.complaints.append(f"a request to {host}")
