"""The reviewer's page in a real browser: by mouse, by keys alone, and when things go wrong."""

import json

import pytest
from playwright.async_api import Page, expect

from tests.ui.conftest import Site, eventually
from tests.ui.scenes import HOSTILE, a_dead_letter, a_full_refund, a_trap, ask, outcome_of

pytestmark = pytest.mark.browser


async def take(page: Page, site: Site, queue: str = "refunds") -> None:
    """Open a queue's desk and take the next item."""
    await page.goto(f"{site.url}/review/{queue}")
    await page.click("text=Take next")
    await page.wait_for_selector("#decide")


async def lapse(site: Site) -> None:
    """Let every lease run out, as if its time had passed."""
    async with site.house.db.begin(site.house.workspace) as tx:
        await tx.execute("UPDATE queue_items SET claimed_until = now() - interval '1 s'"
                         " WHERE claimed_until IS NOT NULL")  # fmt: skip


async def test_a_person_decides_by_mouse_and_the_next_item_is_there(web: Site) -> None:
    first = await ask(web.house, a_full_refund(title="The first"))
    await ask(web.house, a_full_refund(title="The second"))
    async with web.visit() as page:
        await take(page, web)
        await expect(page.locator("#item-title")).to_have_text("The first")
        await page.click("label.verdict >> nth=0")
        await expect(page.locator("[data-submit-text]")).to_have_text(
            "Approve and let support-bot call issue_refund"
        )
        await page.click("label.reason >> nth=0")
        await page.fill("#note", "Looks right.")
        await page.click("[data-submit]")
        await expect(page.locator("#item-title")).to_have_text("The second")
        await expect(page.locator(".noted")).to_contain_text("Decided: approved.")
        await expect(page.locator("#note")).to_have_value("")
    outcome = (await outcome_of(web.house, first))["outcome"]
    assert (outcome["result"], outcome["message"]) == ("approved", "Looks right.")
    assert outcome["reason_codes"] == ["in_policy"]
    assert not web.complaints
    assert not web.strangers


async def test_a_person_decides_with_the_keyboard_alone(web: Site) -> None:
    first = await ask(web.house)
    second = await ask(web.house)
    async with web.visit() as page:
        await page.keyboard.press("c")
        await page.wait_for_url("**/review/refunds")
        await page.wait_for_selector("text=Take next")
        await page.keyboard.press("c")
        await page.wait_for_selector("#decide")
        await page.keyboard.press("r")
        await page.keyboard.press("2")
        await page.keyboard.press("m")
        await page.keyboard.type("Not within our rules: c n r a")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Enter")
        await expect(page.locator(".noted")).to_contain_text("denied")
        await page.keyboard.press("a")
        await page.keyboard.press("1")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("All clear")
        await page.keyboard.press("?")
        await expect(page.locator("#keys")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#keys")).to_be_hidden()
        await page.keyboard.press("g")
        await page.keyboard.press("h")
        await page.wait_for_url(f"{web.url}/")
    outcome = (await outcome_of(web.house, first))["outcome"]
    assert outcome["message"] == "Not within our rules: c n r a"
    assert outcome["reason_codes"] == ["out_of_policy"]
    assert (await outcome_of(web.house, second))["outcome"]["result"] == "approved"
    assert not web.complaints


async def test_what_is_skipped_is_not_offered_again(web: Site) -> None:
    first = await ask(web.house, a_full_refund(title="The first"))
    await ask(web.house, a_full_refund(title="The second"))
    async with web.visit() as page:
        await take(page, web)
        await page.keyboard.press("n")
        await expect(page.locator("#item-title")).to_have_text("The second")
        await page.click("text=Put back")
        await page.wait_for_selector("text=Take next")
        await page.click("text=Take next")
        await expect(page.locator("#item-title")).to_have_text("The second")
    assert (await outcome_of(web.house, first))["status"] == "waiting"


async def test_the_typed_note_outlives_a_lost_lease(web: Site) -> None:
    await ask(web.house)
    async with web.visit() as page:
        await take(page, web)
        await page.fill("#note", "I was about to say")
        await page.click("label.verdict >> nth=0")
        await lapse(web)
        await page.click("[data-submit]")
        await expect(page.locator("#problem")).to_contain_text("You no longer hold this item")
        await expect(page.locator("#note")).to_have_value("I was about to say")
        await expect(page.locator("#note")).to_be_editable()
        await expect(page.locator("[data-submit]")).to_be_disabled()
        await take(page, web)
        await expect(page.locator("#note")).to_have_value("I was about to say")
    assert not web.complaints


async def test_the_lease_is_renewed_while_somebody_is_at_work(web: Site) -> None:
    item = await ask(web.house)
    async with web.visit() as page:
        await take(page, web)
        async with web.house.db.begin(web.house.workspace) as tx:
            await tx.execute("UPDATE queue_items SET claimed_until = now() + interval '20 s'"
                             " WHERE claimed_by IS NOT NULL")  # fmt: skip
        await page.reload()
        await page.mouse.move(200, 200)

        async def renewed() -> bool:
            text = await page.locator("[data-clock]").text_content()
            return bool(text and (text.startswith("9:") or text == "10:00"))

        await eventually(renewed)
    events = await web.house.agent().get(f"/v1/items/{item}")
    assert events.json()["status"] == "claimed"


async def test_arguments_are_edited_and_a_mistake_is_shown_at_the_field(web: Site) -> None:
    item = await ask(web.house)
    async with web.visit() as page:
        await take(page, web)
        await page.keyboard.press("e")
        arguments = json.loads(await page.input_value("#arguments"))
        await page.fill("#arguments", json.dumps({**arguments, "amount": "lots"}))
        await page.click("[data-submit]")
        await expect(page.locator("#error-arguments")).to_contain_text("amount")
        await expect(page.locator("#arguments")).to_be_focused()
        await page.fill("#arguments", "{ not json")
        await page.click("[data-submit]")
        await expect(page.locator("#error-arguments")).to_contain_text("is not JSON")
        await page.fill("#arguments", json.dumps({**arguments, "amount": "120.00"}))
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("h1")).to_have_text("All clear")
    outcome = (await outcome_of(web.house, item))["outcome"]
    assert outcome["result"] == "approved_with_edits"
    assert outcome["arguments"]["amount"] == "120.00"


async def test_a_question_needs_words_and_then_waits_for_the_agent(web: Site) -> None:
    item = await ask(web.house)
    async with web.visit() as page:
        await take(page, web)
        await page.keyboard.press("q")
        await page.keyboard.press("Enter")
        await expect(page.locator("#error-note")).not_to_be_empty()
        await expect(page.locator("#note")).to_be_focused()
        await page.keyboard.type("Which card?")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("h1")).to_have_text("All clear")
        await page.goto(f"{web.url}/items/{item}")
        await expect(page.locator("main")).to_contain_text("not answered yet")
    assert (await outcome_of(web.house, item))["question"] == "Which card?"


async def test_hostile_content_stays_inert(web: Site) -> None:
    item = await ask(web.house, a_trap())
    async with web.visit() as page:
        dialogs = list[str]()
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        await take(page, web)
        for path in ("/review/refunds", f"/items/{item}", "/items", "/queues/refunds"):
            await page.goto(web.url + path)
            await page.evaluate(
                "document.querySelectorAll('details').forEach(d => { d.open = true })"
            )
            main = page.locator("main")
            assert not await main.locator(
                "script, img, iframe, object, embed, video, audio"
            ).count()
            links = await main.locator("a").evaluate_all("all => all.map(a => a.origin)")
            assert set(links) <= {web.url}
            text = await page.locator("body").inner_text()
            assert "\u202e" not in text
            assert "\u200b" not in text
            assert await page.locator(".mark[title*='RIGHT-TO-LEFT OVERRIDE']").count()
            assert "49" not in await page.locator("#item-title, th a").first.inner_text()
        assert not dialogs
    assert "https://evil.example" in HOSTILE
    assert not web.strangers
    assert not web.complaints


async def test_a_grave_approval_is_asked_for_twice(web: Site) -> None:
    item = await ask(web.house, a_full_refund(risk={"tier": "critical", "reversible": False}))
    async with web.visit() as page:
        await take(page, web)
        await page.keyboard.press("a")
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-submit-text]")).to_contain_text("This cannot be undone")
        assert (await outcome_of(web.house, item))["status"] == "claimed"
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("All clear")


async def test_counts_change_in_place_and_a_list_only_offers_what_is_new(web: Site) -> None:
    await ask(web.house, a_full_refund(title="The first"))
    async with web.visit() as page:
        await page.goto(f"{web.url}/queues/refunds")
        await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        await expect(page.locator("nav [data-live=waiting]")).to_have_text("1")
        await ask(web.house, a_full_refund(title="The second"))
        await expect(page.locator("nav [data-live=waiting]")).to_have_text("2")
        await expect(page.locator("#newer a")).to_have_text("1 new")
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.click("#newer a")
        await expect(page.locator("tbody tr")).to_have_count(2)
    assert not web.complaints


async def test_a_dead_letter_is_sent_once_more(web: Site) -> None:
    message = await a_dead_letter(web.house)
    async with web.visit("lea") as page:
        await page.goto(f"{web.url}/dead-letters")
        line = page.locator(f"#letter-{message}")
        await expect(line).to_contain_text("no answer within 10 s")
        await line.locator("text=Replay").click()
        await expect(line).to_contain_text("on its way")
    assert not web.complaints


async def test_a_lost_connection_is_seen_and_a_lease_that_runs_out_is_said(web: Site) -> None:
    await ask(web.house)
    async with web.visit() as page:
        await take(page, web)
        await page.fill("#note", "half a thought")
        async with web.house.db.begin(web.house.workspace) as tx:
            await tx.execute(
                "UPDATE queue_items SET claimed_until = now() + interval '3 s'"
                " WHERE claimed_by IS NOT NULL"
            )
        for path in ("**/live", "**/lease"):
            await page.route(path, lambda route: route.abort())
        await page.reload()
        await expect(page.locator("#connection")).to_have_attribute("data-state", "away")
        await expect(page.locator("#problem")).to_contain_text("The lease ran out")
        await expect(page.locator("#note")).to_have_value("half a thought")
        await expect(page.locator("[data-submit]")).to_be_disabled()
        await page.click("#problem >> text=Go on")
        await page.wait_for_selector("text=Take next")
