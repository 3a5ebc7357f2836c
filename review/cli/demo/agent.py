"""The demo's agent: a program of its own that knows the service's address and its keys, no more.

It asks at a human pace, waits by long-poll, answers what reviewers ask, and acknowledges what they
decided. It remembers nothing: after a restart, its list of items tells it where it was.

Run as `python -m review.cli.demo.agent` with DEMO_URL and DEMO_KEYS (JSON, by name) set.
"""

import asyncio
import json
import os
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import httpx

from review.cli.demo.content import written

FIRST_S, SPREAD_S = 10, 11  # between two requests: 10 to 20 seconds
MOST_OPEN = 30  # of one agent's items; then it waits for people
NEXT_IN_LINE = 4  # items that are waited for at once
WAIT_S = 10
LONGEST_PAUSE_S = 60.0
THRESHOLD = 0.5  # of the cascade that sends us comments

Idea = Callable[[], dict[str, Any]]


def a_refund() -> dict[str, Any]:
    """Return another customer's wish."""
    live = written("live")
    product, complaint = secrets.choice(live["products"]), secrets.choice(live["complaints"])
    order, customer = f"NL-{secrets.randbelow(70_000) + 30_000}", secrets.randbelow(9_000) + 1_000
    return {
        "queue": "refunds",
        "kind": "approval",
        "title": f"Refund {product['price']} EUR for {product['name']}",
        "action": {
            "name": "issue_refund",
            "arguments": {"order_id": order, "amount": product["price"], "currency": "EUR"},
        },
        "facts": [
            {"name": "order_total", "value": product["price"], "source": "orders-db"},
            {"name": "sku", "value": product["sku"], "source": "orders-db"},
            {"name": "parcel_status", "value": complaint["status"], "source": "carrier-api"},
        ],
        "narrative": complaint["narrative"],
        "conversation": [{"id": "m1", "role": "user", "content": complaint["message"]}],
        "reason": {"code": complaint["code"]},
        "risk": {"tier": complaint["tier"], "blast_radius": "one customer"},
        "language": "en",
        "subjects": [f"customer:{customer}"],
        "run": {"run_id": f"run-{order}", "agent": "support-bot", "model_family": "acme-lm"},
    }


def a_comment() -> dict[str, Any]:
    """Return another comment that the cascade is not sure of."""
    comment = secrets.choice(written("live")["comments"])
    number, author = secrets.randbelow(90_000) + 10_000, secrets.randbelow(9_000) + 1_000
    signal = {
        "stage": "llm",
        "source": "acme-guard",
        "version": "2",
        "model_family": "acme-lm",
        "taxonomy": "house",
        "taxonomy_version": "3",
        "code": comment["code"],
        "score": comment["score"],
        "flagged": comment["score"] >= THRESHOLD,
        "threshold": THRESHOLD,
        "outcome": "escalate",
        "latency_ms": 400 + secrets.randbelow(900),
    }
    return {
        "queue": "comments",
        "kind": "moderation",
        "title": f"Comment {number}",
        "content": {"type": "text", "text": comment["text"], "author": f"user:{author}"},
        "signals": [signal],
        "reason": {"code": "near_boundary"},
        "reach": {"views_per_hour": secrets.randbelow(900)},
        "language": comment["language"],
        "subjects": [f"user:{author}"],
    }


async def ask(client: httpx.AsyncClient, idea: Idea) -> None:
    """Ask for one more decision after a while, unless enough is open already."""
    await asyncio.sleep(FIRST_S + secrets.randbelow(SPREAD_S))
    query = {"status": "waiting", "limit": MOST_OPEN}
    if len(await listed(client, query)) < MOST_OPEN:
        headers = {"Idempotency-Key": f'"{secrets.token_hex(8)}"'}
        (await client.post("/v1/items", json=idea(), headers=headers)).raise_for_status()


async def attend(client: httpx.AsyncClient) -> None:
    """Pick up what was decided, answer what was asked, then wait for whatever comes next."""
    for item in await listed(client, {"status": "settled", "limit": 200}):
        if item["acknowledged_at"] is None:
            await said(client.post(f"/v1/items/{item['id']}/acknowledgements"))
    waiting = await listed(client, {"status": "waiting", "limit": 200})
    for item in waiting:
        if item["waiting_on"] == "agent":
            answer = {"answer": secrets.choice(written("live")["answers"])}
            await said(client.post(f"/v1/items/{item['id']}/answers", json=answer))
    claimed = await listed(client, {"status": "claimed", "limit": 200})
    by_turn = sorted(waiting, key=lambda item: item["due_at"])
    await first_heard(client, [item["id"] for item in [*claimed, *by_turn]][:NEXT_IN_LINE])
    await asyncio.sleep(1)


async def first_heard(client: httpx.AsyncClient, items: list[str]) -> None:
    """Wait until one of these items has news, at most a while."""
    prefer = {"Prefer": f"wait={WAIT_S}"}
    polls = [asyncio.ensure_future(client.get(f"/v1/items/{one}", headers=prefer)) for one in items]
    if not polls:
        await asyncio.sleep(WAIT_S)
        return
    try:
        done, _ = await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED)
        for poll in done:
            poll.result().raise_for_status()
    finally:
        for poll in polls:
            poll.cancel()
        await asyncio.gather(*polls, return_exceptions=True)


async def listed(client: httpx.AsyncClient, query: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the first page of a list of our items."""
    answer = await client.get("/v1/items", params=query)
    return answer.raise_for_status().json()["items"]


async def said(answer: Awaitable[httpx.Response]) -> None:
    """Say something; that somebody was faster is no harm."""
    response = await answer
    if response.status_code not in (HTTPStatus.CONFLICT, HTTPStatus.GONE):
        response.raise_for_status()


async def for_ever(act: Callable[[], Awaitable[None]]) -> None:
    """Act again and again; after a failure pause, twice as long each time, up to a minute."""
    pause = 1.0
    while True:
        try:
            await act()
        except httpx.HTTPError:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
        else:
            pause = 1.0


async def main() -> None:
    """Be both agents until somebody ends us."""
    keys, ideas = json.loads(os.environ["DEMO_KEYS"]), [a_refund, a_comment]
    async with asyncio.TaskGroup() as group:
        for name, idea in zip(("support-bot", "comment-guard"), ideas, strict=True):
            client = httpx.AsyncClient(
                base_url=os.environ["DEMO_URL"],
                headers={"Authorization": f"Bearer {keys[name]}"},
                timeout=WAIT_S + 20,
            )
            group.create_task(for_ever(lambda client=client, idea=idea: ask(client, idea)))
            group.create_task(for_ever(lambda client=client: attend(client)))


if __name__ == "__main__":
    asyncio.run(main())
