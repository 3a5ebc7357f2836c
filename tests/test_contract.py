"""The main path and all beside it, each answer held against the OpenAPI document."""

import re
from typing import Any

import schemathesis
from httpx import AsyncClient, Response

from tests.makers import PASSWORD, REFUNDS, House, a_refund, keyed


class Contract:
    """Holds every answer of a client against the document."""

    def __init__(self, document: Any) -> None:
        load: Any = schemathesis.openapi.from_dict  # pyright: ignore[reportUnknownMemberType]
        self._operations = [one.ok() for one in load(document).get_all_operations()]
        self.unheard = {one.label for one in self._operations}

    def bind(self, client: AsyncClient) -> AsyncClient:
        """Hold this client's answers against the document from here on."""
        client.event_hooks["response"].append(self._check)
        return client

    async def _check(self, response: Response) -> None:
        await response.aread()
        operation = self._operation(response.request.method, response.request.url.path)
        operation.validate_response(response)
        assert str(response.status_code) in operation.responses.status_codes
        if response.is_success:
            self.unheard.discard(operation.label)

    def _operation(self, method: str, path: str) -> Any:
        for one in self._operations:
            pattern = re.sub(r"\{\w+\}", "[^/]+", one.path)
            if one.method.upper() == method and re.fullmatch(pattern, path):
                return one
        raise AssertionError(path)


async def test_every_good_answer_is_as_the_document_says(house: House) -> None:
    contract = Contract((await house.client().get("/schema/openapi.json")).json())
    agent = contract.bind(house.agent())
    ada, lea, adam = [contract.bind(await house.person(name)) for name in ("ada", "lea", "adam")]
    await asking_and_deciding(agent, ada)
    await changing_ones_mind(agent, ada)
    await looking_through(agent)
    await subscribing(house, agent)
    await running_queues(lea)
    await administering(adam)
    await coming_and_going(contract.bind(house.client()), house.emails["ben"])
    assert contract.unheard == {"GET /v1/events", "GET /v1/items/{item_id}/events"}


async def take(person: AsyncClient) -> tuple[str, dict[str, Any]]:
    """Claim an item; return its address and what a decision on it quotes."""
    claim = (await person.post("/v1/queues/refunds/claims", json={})).json()
    return f"/v1/items/{claim['item']}", {
        name: claim[name] for name in ("epoch", "revision", "view")
    }


async def asking_and_deciding(agent: AsyncClient, ada: AsyncClient) -> None:
    assert (await ada.post("/v1/queues/refunds/claims", json={})).status_code == 204
    refund = a_refund()
    answers = [await agent.post("/v1/items", json=refund, headers=keyed()) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 200]
    where, held = await take(ada)
    await ada.put(f"{where}/claim", json={"epoch": held["epoch"]})
    await ada.post(f"{where}/views", json={"epoch": held["epoch"]})
    await ada.post(f"{where}/decisions", json={**held, "verdict": "request_info", "note": "Why?"})
    await agent.post(f"{where}/answers", json={"answer": "It was lost."})
    where, held = await take(ada)
    await ada.post(f"{where}/decisions", json={**held, "verdict": "approve"})
    heard = await agent.get(where)
    known = {"If-None-Match": heard.headers["ETag"]}
    assert (await agent.get(where, headers=known)).status_code == 304
    await agent.post(f"{where}/acknowledgements")


async def changing_ones_mind(agent: AsyncClient, ada: AsyncClient) -> None:
    await agent.post("/v1/items", json=a_refund(), headers=keyed())
    where, held = await take(ada)
    await ada.request("DELETE", f"{where}/claim", json={"epoch": held["epoch"]})
    where, held = await take(ada)
    await ada.post(f"{where}/escalations", json={"epoch": held["epoch"]})
    await agent.post(f"{where}/revisions", json={"narrative": "It was found."})
    await agent.post(f"{where}/withdrawal", json={})


async def looking_through(agent: AsyncClient) -> None:
    await agent.get("/v1/items", params={"limit": 1})
    batch = [{**a_refund(), "idempotency_key": "one"}, {"idempotency_key": "two"}]
    answers = await agent.post("/v1/items:batch", json={"items": batch})
    assert [one["status"] for one in answers.json()["items"]] == [202, 422]


async def subscribing(house: House, agent: AsyncClient) -> None:
    hook = {"url": "https://example.com/hook"}
    subscribed = (await agent.post("/v1/subscriptions", json=hook)).json()
    item = (await agent.post("/v1/items", json=a_refund(), headers=keyed())).json()["id"]
    await agent.post(f"/v1/items/{item}/withdrawal", json={})
    await agent.get("/v1/subscriptions")
    await agent.get(f"/v1/subscriptions/{subscribed['id']}")
    [message] = (await agent.get("/v1/messages")).json()["items"]
    async with house.db.begin(house.workspace) as tx:
        await tx.execute("UPDATE delivery_messages SET dead_at = $1", tx.now)
    await agent.post(f"/v1/messages/{message['id']}/replay")
    await agent.delete(f"/v1/subscriptions/{subscribed['id']}")


async def running_queues(lea: AsyncClient) -> None:
    await lea.get("/v1/queues")
    await lea.get("/v1/queues/refunds")
    await lea.post("/v1/queues", json={**REFUNDS, "name": "more"})
    await lea.post("/v1/queues/more/versions", json=REFUNDS)


async def administering(adam: AsyncClient) -> None:
    person = {"email": "new@example.com", "name": "New", "roles": ["reviewer"]}
    added = (await adam.post("/v1/members", json=person)).json()
    await adam.get("/v1/members")
    await adam.get(f"/v1/members/{added['id']}")
    await adam.patch(f"/v1/members/{added['id']}", json={"skills": ["lang:de"]})
    await adam.delete(f"/v1/members/{added['id']}")
    issued = (await adam.post("/v1/credentials", json={"agent": "third-bot"})).json()
    await adam.get("/v1/credentials")
    await adam.delete(f"/v1/credentials/{issued['id']}")


async def coming_and_going(client: AsyncClient, email: str) -> None:
    for path in ("/healthz", "/readyz", "/problems/stale-claim"):
        await client.get(path)
    session = await client.post("/v1/sessions", json={"email": email, "password": PASSWORD})
    client.headers["X-CSRF-Token"] = session.json()["csrf_token"]
    await client.get("/v1/sessions/current")
    await client.delete("/v1/sessions/current")
