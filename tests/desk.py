"""A desk: queues of one's own in a workspace that many tests share, and everybody at hand.

A workspace with people costs a second of password hashing; two queues cost a millisecond. Tests
that count what a whole workspace holds take `house` instead.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response

from review.flows.arrange import open_queue
from review.infra.db import Database
from tests.makers import REFUNDS, House, a_refund, keyed, the_operator


@dataclass(slots=True)
class Desk:
    """What one test works with."""

    house: House
    queue: str
    upstairs: str
    agent: AsyncClient
    other: AsyncClient
    ada: AsyncClient
    ben: AsyncClient
    lea: AsyncClient
    aud: AsyncClient

    @property
    def db(self) -> Database:
        """The database as the service sees it."""
        return self.house.db

    async def submit(self, *, key: str | None = None, **changes: Any) -> Response:
        """Ask for something, unlike every other request unless told otherwise."""
        body = a_refund(**{"queue": self.queue, **changes})
        return await self.agent.post("/v1/items", json=body, headers=keyed(key))

    async def ask(self, **changes: Any) -> dict[str, Any]:
        """Ask for something and get it accepted."""
        return body_of(await self.submit(**changes), 202)

    async def claim(self, person: AsyncClient, queue: str | None = None) -> Response:
        """Take the next item, if there is one."""
        path = f"/v1/queues/{queue or self.queue}/claims"
        return await person.post(path, json={"wait_s": 0})

    async def take(self, person: AsyncClient, queue: str | None = None) -> dict[str, Any]:
        """Take the next item, which there is."""
        return body_of(await self.claim(person, queue), 201)

    async def decide(
        self, person: AsyncClient, claim: dict[str, Any], verdict: str = "approve", **changes: Any
    ) -> Response:
        """Decide on a claim as it was handed out."""
        body = {name: claim[name] for name in ("epoch", "revision", "view")}
        body |= {"verdict": verdict, "reason_codes": ["in_policy"], "note": "so be it", **changes}
        return await person.post(f"/v1/items/{claim['item']}/decisions", json=body)

    async def read(self, item: str) -> dict[str, Any]:
        """Look at an item as its agent does."""
        return body_of(await self.agent.get(f"/v1/items/{item}"), 200)

    async def pass_time(self, item: str, *clocks: str) -> None:
        """Let some of an item's clocks run out; what lies before them moves back as well."""
        moved = {"due_at", *clocks} if "expires_at" in clocks else set(clocks)
        moves = ", ".join(f"{clock} = LEAST({clock}, $2)" for clock in sorted(moved))
        async with self.db.begin(self.house.workspace) as tx:
            touched = await tx.execute(
                f"UPDATE queue_items SET {moves} WHERE item_id = $1",  # noqa: S608 - our own names
                *(UUID(item), tx.now),
            )
        assert touched == 1

    async def count(self, sql: str, *args: object) -> int:
        """Count rows as the service sees them."""
        async with self.db.read(self.house.workspace) as tx:
            return await tx.fetchval(sql, *args)


async def a_desk(house: House, staff: dict[str, AsyncClient], name: str, **rules: Any) -> Desk:
    """Open two queues that escalate to each other and seat everybody."""
    upstairs = f"{name}-up"
    operator = the_operator(house.workspace)
    async with house.db.begin(house.workspace) as tx:
        await open_queue(tx, operator, name, {**REFUNDS, "escalates_to": upstairs, **rules})
        await open_queue(tx, operator, upstairs, {**REFUNDS, "escalates_to": name})
    return Desk(house, name, upstairs, **staff)


def body_of(answer: Response, status: int) -> dict[str, Any]:
    """Return what an answer says, once it is the answer that was expected."""
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: Response, status: int, code: str) -> dict[str, Any]:
    """Return a refusal's document, once it is whole and the one that was expected."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code, problem
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{code}"
    assert problem["title"].endswith(".")
    assert isinstance(problem["retryable"], bool)
    return problem


def pointers(problem: dict[str, Any]) -> list[str]:
    """Return the fields a refusal points at."""
    return [error["pointer"] for error in problem["errors"]]
