"""The real service on a port of its own, and a real Chromium to look at it with."""

import asyncio
import inspect
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from review.infra.db import Database
from review.infra.ids import fresh_id
from review.kernel.ids import WorkspaceId
from tests.conftest import Backends
from tests.makers import PASSWORD, House, build, furnish

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-background-networking"]


async def eventually(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait, with an end, until something holds."""
    async with asyncio.timeout(10):
        while True:
            held = holds()
            if held is True or (inspect.isawaitable(held) and await held):
                return
            await asyncio.sleep(0.05)


@dataclass(slots=True)
class Site:
    """The service as browsers reach it, and what every page has done that it should not."""

    house: House
    url: str
    browser: Browser | None = None
    strangers: list[str] = field(default_factory=list[str])  # requests that left the service
    complaints: list[str] = field(default_factory=list[str])  # errors in the console

    @asynccontextmanager
    async def visit(
        self,
        name: str | None = "ada",
        *,
        width: int = 1440,
        height: int = 900,
        scheme: str = "light",
    ) -> AsyncGenerator[Page, None]:
        """Open a page, signed in as somebody."""
        assert self.browser is not None
        context: BrowserContext = await self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("request", lambda request: self._noticed(request.url))
        page.on("console", lambda said: self._complained(said.type, said.text))
        page.on("pageerror", lambda error: self._complained("error", str(error)))
        try:
            if name is not None:
                await self.sign_in(page, name)
            yield page
        finally:
            await context.close()

    async def sign_in(self, page: Page, name: str) -> None:
        """Fill in the form and wait for what comes after it."""
        await page.goto(f"{self.url}/sign-in")
        await page.fill("#email", self.house.emails[name])
        await page.fill("#password", PASSWORD)
        await page.click("button[type=submit]")
        await page.wait_for_url(f"{self.url}/")

    def _noticed(self, url: str) -> None:
        if not url.startswith((self.url, "data:")):
            self.strangers.append(url)

    def _complained(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(text)


@pytest.fixture
async def site(backends: Backends, database_url: str, db: Database) -> AsyncIterator[Site]:
    """A furnished workspace behind a real port."""
    app = build(database_url, backends.redis)
    house = House(WorkspaceId(fresh_id()), app, db)
    async with db.begin(house.workspace) as tx:
        await furnish(tx, house)
    config = uvicorn.Config(
        app,  # pyright: ignore[reportArgumentType] - Litestar and uvicorn spell ASGI differently
        port=0,
        ws="none",
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Site(house, f"http://127.0.0.1:{port}")
    server.should_exit = True
    await serving


@pytest.fixture
async def web(site: Site) -> AsyncIterator[Site]:
    """The same, with a browser; skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: `.ci/browser` installs Debian's")
    async with async_playwright() as playwright:
        site.browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield site
        await site.browser.close()
