"""People decide: eight of them claim and decide over HTTP, beside a raw loop doing the same."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from bench.client import Client
from bench.floor import CLAIM, FILL, SETTLE, pool_of
from bench.ground import BACKLOG, PASSWORD, PEOPLE, Ground, a_refund, encoded
from bench.processes import Web
from bench.results import Result
from bench.rounds import compare, rate
from review.infra.db import dial

SECONDS, ROUNDS = 1.5, 5
OUTCOME = encoded({"verdict": "approve", "reason_codes": ["in_policy"]}).decode()

TWICE = """
SELECT count(*) FROM queue_items i WHERE i.epoch > 1 OR 1 < (
  SELECT count(*) FROM decisions_votes v
  WHERE v.workspace_id = i.workspace_id AND v.item_id = i.item_id)
"""


@dataclass(slots=True)
class Person:
    """One signed-in person, and what they were handed."""

    client: Client
    handed: list[str] = field(default_factory=list[str])

    async def claim(self, queue: str) -> dict[str, Any]:
        """Take the next item in hand."""
        answer = await self.client.ask("POST", f"/v1/queues/{queue}/claims", b"{}", want=201)
        claim = answer.json()
        self.handed.append(claim["item"])
        return claim

    async def decide(self, claim: dict[str, Any]) -> None:
        """Approve what is in hand."""
        decision = {
            "epoch": claim["epoch"],
            "revision": claim["revision"],
            "view": claim["view"],
            "verdict": "approve",
            "reason_codes": ["in_policy"],
        }
        path = f"/v1/items/{claim['item']}/decisions"
        await self.client.ask("POST", path, encoded(decision), want=201)


async def signed_in(client: Client, email: str) -> Person:
    """Sign a person in on a connection of their own."""
    body = encoded({"email": email, "password": PASSWORD})
    answer = await client.ask("POST", "/v1/sessions", body, want=201)
    client.be({"Cookie": answer.cookie(), "X-CSRF-Token": answer.json()["csrf_token"]})
    return Person(client)


async def deciding(place: Ground, service: Web, depth: int) -> list[Result]:
    """Compare deciding over HTTP with the raw loop, and count what went to two people."""
    async with AsyncExitStack() as stack:
        clients = await service.clients(stack, PEOPLE)
        people = [
            await signed_in(client, email)
            for client, email in zip(clients, place.emails, strict=True)
        ]
        pool = await pool_of(place.database_url, PEOPLE)
        stack.push_async_callback(pool.close)

        async def settle(_: int) -> int:
            row = await pool.fetchrow(CLAIM, uuid4())
            await pool.execute(SETTLE, row["id"], row["epoch"], OUTCOME)
            return 1

        async def decide(number: int) -> int:
            person = people[number]
            await person.decide(await person.claim(BACKLOG))
            return 1

        async def decisions() -> float:
            return await rate(decide, workers=PEOPLE, seconds=SECONDS)

        async def floors() -> float:
            await pool.execute(FILL, depth, encoded(a_refund()).decode())
            return await rate(settle, workers=PEOPLE, seconds=SECONDS)

        found = await compare(decisions, floors, rounds=ROUNDS)
    handed = [UUID(item) for person in people for item in person.handed]
    plain = await dial(place.database_url)
    twice = max(len(handed) - len(set(handed)), await plain.fetchval(TWICE))
    await plain.close()
    sizes = f"{PEOPLE} people with sessions, {depth:,} waiting"
    return [
        Result("decide_loop_vs_floor", found.ratio, f"{found.said()}; {sizes}"),
        Result("handed_out_twice", twice, f"of {len(handed):,} handed out; {sizes}"),
    ]
