"""Things to look at: a full refund, a comment, and what somebody hostile would send."""

from typing import Any

from review.flows.arrange import open_queue
from tests.makers import House, a_refund, keyed, the_operator

HOSTILE = (
    "<script>fetch('https://evil.example/x')</script>"
    "<img src=https://evil.example/p.png onerror=alert(1)>"
    " javascript:alert(1) https://evil.example/click [x](https://evil.example) "
    "\u202egnp.exe\u202c zero\u200bwidth \U000e0068\U000e0069 {{ 7*7 }} "
    "</textarea></script><a href=x>go</a>"
)

COMMENTS: dict[str, Any] = {
    "title": "Comment moderation",
    "owner": "trust-and-safety",
    "kinds": ["moderation"],
    "verdicts": [
        {"name": "keep", "effect": "approve", "label": "Keep", "key": "a"},
        {
            "name": "remove",
            "effect": "reject",
            "label": "Remove",
            "key": "r",
            "needs_reason": True,
        },
        {"name": "escalate", "effect": "escalate", "label": "Escalate", "key": "x"},
    ],
    "reasons": [
        {"code": "harassment", "label": "Harassment"},
        {"code": "spam", "label": "Spam"},
        {"code": "none", "label": "No violation"},
    ],
    "escalates_to": "escalations",
}


def a_full_refund(**changes: Any) -> dict[str, Any]:
    """A refund with every part an approval may have."""
    made = a_refund(
        title="Refund 240 EUR to card ending 4421",
        narrative="The customer says the parcel never arrived. The carrier's page says delivered, "
        "but the address on the label has a different house number.",
        facts=[
            {
                "name": "order_total",
                "value": "240.00",
                "source": "orders-db",
                "fetched_at": "2026-11-20T09:00:00Z",
            },
            {"name": "earlier_refunds", "value": 0, "source": "payments"},
            {"name": "address", "value": {"street": "Marktstr. 7", "label": "Marktstr. 17"}},
        ],
        conversation=[
            {"id": "m1", "parent": None, "role": "user", "content": "Where is my parcel?"},
            {
                "id": "m2",
                "parent": "m1",
                "role": "assistant",
                "content": "The carrier says it was delivered on 2 November. Was nobody home?",
            },
            {
                "id": "m3",
                "parent": "m2",
                "role": "user",
                "content": "I was home all day. I want my money back.",
            },
        ],
        done=[
            {
                "name": "get_order",
                "arguments": {"order_id": "A-1009"},
                "result": "delivered 2026-11-02",
            },
            {
                "name": "get_customer",
                "arguments": {"id": 812},
                "result": {"since": 2019, "vip": False},
            },
        ],
        reason={"code": "policy_rule", "detail": "refund over 100 EUR"},
        alternatives=["offer a voucher of 50 EUR", "ask the carrier for proof of delivery"],
        risk={"tier": "high", "reversible": False, "blast_radius": "one customer"},
        run={"run_id": "r-17", "agent": "support-bot"},
        language="en",
    )
    return made | changes


def a_comment(**changes: Any) -> dict[str, Any]:
    """A comment with signals, reports and media."""
    made: dict[str, Any] = {
        "queue": "comments",
        "kind": "moderation",
        "title": "Comment 8891 on “Why I left”",
        "content": {
            "type": "text",
            "text": "You people never learn. Somebody should teach this author a lesson.\n\n"
            "Read more at https://example.org/thread",
            "author": "user:77",
            "url": "https://example.com/c/8891",
            "media": [{"type": "image", "url": "https://example.com/p.jpg", "harm": "graphic"}],
            "entities": [
                {"type": "account", "id": "user:77", "attributes": {"age_days": 2, "strikes": 1}}
            ],
        },
        "signals": [
            {
                "stage": "blocklist",
                "source": "rules",
                "version": "2026-11-01",
                "code": "spam",
                "score": 0.02,
                "flagged": False,
                "threshold": 0.5,
                "outcome": "pass",
            },
            {
                "stage": "llm",
                "source": "acme-guard",
                "version": "2",
                "code": "harassment",
                "score": 0.61,
                "flagged": True,
                "threshold": 0.5,
                "outcome": "escalate",
            },
        ],
        "reason": {"code": "near_boundary"},
        "reach": {"views_per_hour": 1200},
        "reports": [{"reporter": "user:5", "category": "harassment", "text": "This is a threat."}],
        "language": "en",
    }
    return made | changes


def a_trap() -> dict[str, Any]:
    """A request in which every text tries something."""
    return a_full_refund(
        title=HOSTILE[:280],
        action={
            "name": "issue_refund",
            "arguments": {"order_id": HOSTILE, "amount": "1.00", "currency": "EUR"},
        },
        narrative=HOSTILE + "x" * 6000,
        facts=[{"name": HOSTILE[:150], "value": {"deep": [HOSTILE, "y" * 3000]}, "source": "s"}],
        conversation=[
            {"id": "a", "parent": "b", "role": HOSTILE[:100], "content": HOSTILE},
            {"id": "b", "parent": "a", "role": "user", "content": HOSTILE},
        ],
        alternatives=[HOSTILE],
        reason={"code": "novel", "detail": HOSTILE},
        risk={"tier": "critical", "reversible": False, "blast_radius": HOSTILE[:150]},
    )


async def open_comments(house: House) -> None:
    """Open the second queue of the demo."""
    async with house.db.begin(house.workspace) as tx:
        await open_queue(tx, the_operator(house.workspace), "comments", COMMENTS)


async def ask(house: House, document: dict[str, Any] | None = None) -> str:
    """Let the agent ask, and return the item's id."""
    answer = await house.agent().post(
        "/v1/items", json=document or a_full_refund(), headers=keyed()
    )
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


async def outcome_of(house: House, item: str) -> dict[str, Any]:
    """Return an item as its agent sees it."""
    answer = await house.agent().get(f"/v1/items/{item}")
    return answer.json()


async def a_dead_letter(house: House, url: str = "https://hooks.example.com/review") -> str:
    """Let a subscriber miss a decision for good, and return the message's id."""
    subscribed = await house.agent().post("/v1/subscriptions", json={"url": url})
    assert subscribed.status_code == 201, subscribed.text
    item = await ask(house)
    withdrawn = await house.agent().post(f"/v1/items/{item}/withdrawal", json={})
    assert withdrawn.status_code in {200, 201}, withdrawn.text
    async with house.db.begin(house.workspace) as tx:
        message = await tx.fetchval(
            "UPDATE delivery_messages SET dead_at = now(), attempts = 2 WHERE item_id = $1"
            " RETURNING message_id",
            item,
        )
        for attempt, error in ((1, "connection refused"), (2, "no answer within 10 s")):
            await tx.execute(
                "INSERT INTO delivery_attempts (workspace_id, message_id, attempt, at, error,"
                " took_ms) VALUES ($1, $2, $3, now(), $4, 12)",
                *(tx.tenant, message, attempt, error),
            )
    return str(message)
