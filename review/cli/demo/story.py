"""What has happened in the demo before you came: told over HTTP, by its agents and its people."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

import httpx

from review.cli.demo.content import seeds
from review.cli.demo.credentials import Credentials

PATIENCE_S = 30.0
SPOKEN = ("verdict", "reason_codes", "note", "arguments", "labels", "severity")


@dataclass(slots=True)
class Stage:
    """Everybody of the demo, signed in when they are first needed."""

    url: str
    credentials: Credentials
    open: ExitStack
    signed_in: dict[str, httpx.Client] = field(default_factory=dict[str, httpx.Client])

    def agent(self, name: str) -> httpx.Client:
        """Return an agent's client."""
        if name not in self.signed_in:
            headers = {"Authorization": f"Bearer {self.credentials.agents[name]}"}
            client = httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE_S)
            self.signed_in[name] = self.open.enter_context(client)
        return self.signed_in[name]

    def person(self, name: str) -> httpx.Client:
        """Return the client of the person whose address begins so."""
        if name not in self.signed_in:
            email = f"{name}@demo.example"
            client = self.open.enter_context(httpx.Client(base_url=self.url, timeout=PATIENCE_S))
            log_in = {"email": email, "password": self.credentials.password_of(email)}
            session = client.post("/v1/sessions", json=log_in).raise_for_status().json()
            client.headers["X-CSRF-Token"] = session["csrf_token"]
            self.signed_in[name] = client
        return self.signed_in[name]


@contextmanager
def staged(url: str, credentials: Credentials) -> Generator[Stage, None, None]:
    """Give the demo's people and agents, and sign them off at the end."""
    with ExitStack() as stack:
        yield Stage(url, credentials, stack)


def tell(stage: Stage, now: datetime) -> None:
    """Tell the whole story once; what was told in an earlier run is left as it is.

    The stories that people have a part in come first and one by one, so that whoever claims gets
    the item the story is about.
    """
    waiting = dict[str, list[dict[str, Any]]]()
    for seed in seeds(now):
        request = {"idempotency_key": f"demo/{seed['key']}", **seed["item"]}
        if not seed["then"]:
            waiting.setdefault(seed["by"], []).append(request)
        elif (item := _new(_ask(stage, seed["by"], [request])[0], now)) is not None:
            for step in seed["then"]:
                _take(stage, seed, item, step)
    for agent, requests in waiting.items():
        _ask(stage, agent, requests)


def _ask(stage: Stage, agent: str, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Submit requests and return their answers; that a key is known already is no harm."""
    answer = stage.agent(agent).post("/v1/items:batch", json={"items": requests})
    answers: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
    for one in answers:
        if one["item"] is None and one["problem"]["code"] != "key-reused":
            raise RuntimeError(one["problem"])  # an item of ours is wrong
    return answers


def _new(answer: dict[str, Any], now: datetime) -> dict[str, Any] | None:
    """Return the item of an answer if it was made by this run."""
    item = answer["item"]
    return item if item and datetime.fromisoformat(item["created_at"]) >= now else None


def _take(stage: Stage, seed: dict[str, Any], item: dict[str, Any], step: dict[str, Any]) -> None:
    """Take one step of a story."""
    if "withdraw" in step:
        withdrawal = {"reason": step["withdraw"]}
        client = stage.agent(seed["by"])
        client.post(f"/v1/items/{item['id']}/withdrawal", json=withdrawal).raise_for_status()
        return
    person = stage.person(step["who"])
    claimed = person.post(f"/v1/queues/{item['queue']}/claims", json={}).raise_for_status()
    if claimed.status_code != HTTPStatus.CREATED:
        return
    claim = claimed.json()
    held = f"/v1/items/{claim['item']}"
    if claim["item"] != item["id"]:  # an earlier run did not get to the end of its story
        person.request("DELETE", f"{held}/claim", json={"epoch": claim["epoch"]})
        return
    quoted = {name: claim[name] for name in ("epoch", "revision", "view")}
    said = {name: step[name] for name in SPOKEN if name in step}
    person.post(f"{held}/decisions", json={**quoted, **said}).raise_for_status()
