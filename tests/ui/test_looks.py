"""Every page, in both schemes, at three widths: readable by everybody, and nothing sticks out."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.ui.conftest import Site
from tests.ui.scenes import a_comment, a_dead_letter, a_trap, ask, open_comments

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
SHOTS = os.environ.get("REVIEW_SHOTS")  # a folder: keep a picture of every page, to look at
WIDTHS = (390, 768, 1440)
GRAVE = ("serious", "critical")

pytestmark = pytest.mark.browser


async def faults_of(page: Page) -> list[str]:
    """Return what axe finds, and whether the page is wider than its window."""
    await page.evaluate(AXE.read_text())
    found: dict[str, Any] = await page.evaluate(
        "() => axe.run(document, {resultTypes: ['violations']})"
    )
    faults = [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]
    wide = await page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    return faults + ([f"sticks out by {wide} px"] if wide > 0 else [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_can_be_read_by_everybody(web: Site, scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("no axe-core here: `make setup` installs it")
    house = web.house
    await open_comments(house)
    refund, trap = await ask(house), await ask(house, a_trap())
    await ask(house, a_comment())
    await a_dead_letter(house)
    addresses = {
        "overview": "/",
        "items": "/items",
        "none": "/items?result=expired",
        "queue": "/queues/refunds",
        "item": f"/items/{refund}",
        "trap": f"/items/{trap}",
        "empty-desk": "/review/escalations",
        "ready-desk": "/review/refunds",
        "dead-letters": "/dead-letters",
        "no-letters": "/dead-letters?state=sent",
        "missing": "/nowhere",
    }
    faults = list[str]()

    async def look(page: Page, name: str, width: int) -> None:
        before = len(web.complaints)
        if SHOTS:
            desk = await page.locator("#decide").count()
            path = f"{SHOTS}/{name}-{scheme}-{width}.png"
            await page.screenshot(path=path, full_page=width < 900 and not desk)
        faults.extend(f"{name} {width}: {fault}" for fault in await faults_of(page))
        del web.complaints[before:]  # axe and pictures try inline styles, which the policy stops

    for width in WIDTHS:
        async with web.visit(None, width=width, scheme=scheme) as page:
            await page.goto(f"{web.url}/sign-in")
            await look(page, "sign-in", width)
        async with web.visit("lea", width=width, scheme=scheme) as page:
            for name, path in addresses.items():
                await page.goto(web.url + path)
                await look(page, name, width)
            for queue in ("refunds", "comments"):
                await page.goto(f"{web.url}/review/{queue}")
                if await page.locator("text=Take next").count():
                    await page.click("text=Take next")
                await page.wait_for_selector("#decide")
                await look(page, f"desk-{queue}", width)
                await page.locator(".verdict").nth(1).click()
                await look(page, f"deciding-{queue}", width)
            await page.keyboard.press("Escape")
            await page.keyboard.press("Escape")
            await page.keyboard.press("?")
            await look(page, "keys", width)
    assert not faults, "\n".join(faults)
    assert not web.strangers
    assert not web.complaints
