"""A cast of actors for tests below the edges: no passwords, no keys, the same permissions."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from review.flows.submit import submit
from review.identity import queries as identity
from review.identity.actors import Actor, Principal
from review.identity.roles import Role, Scope, permissions_of
from review.infra.db import Tx
from review.infra.ids import fresh_id
from review.intake.asks import Ask
from review.intake.receipts import Receipt
from review.kernel.ids import ActorId, ItemId
from tests.makers import a_refund


@dataclass(slots=True)
class Cast:
    """Who acts in one workspace."""

    agents: list[Actor] = field(default_factory=list[Actor])
    people: list[Actor] = field(default_factory=list[Actor])

    async def ask(self, tx: Tx, **changes: Any) -> ItemId:
        """Have the first agent ask for something nobody asked for before."""
        [receipt] = await submit(tx, self.agents[0], [an_ask(**changes)])
        assert isinstance(receipt, Receipt), receipt
        return receipt.id


async def a_cast(tx: Tx, *, agents: int = 1, people: int = 1) -> Cast:
    """Let agents and people into the workspace a transaction is confined to."""
    await identity.create_workspace(tx, f"workspace {tx.tenant}")
    cast = Cast()
    for number in range(agents):
        agent = ActorId(fresh_id())
        await identity.add_agent(tx, agent, f"agent-{number}")
        scopes = permissions_of([Scope.SUBMIT])
        cast.agents.append(Actor(tx.tenant, agent, Principal.AGENT, f"agent-{number}", scopes))
    for number in range(people):
        roles = permissions_of([Role.REVIEWER])
        person = ActorId(fresh_id())
        cast.people.append(Actor(tx.tenant, person, Principal.PERSON, f"person-{number}", roles))
    return cast


def an_ask(*, key: str | None = None, **changes: Any) -> Ask:
    """A request as the flows take it; what is not a field of the document is a field of the ask."""
    document = a_refund(**{name: changes[name] for name in changes if name in ("queue", "action")})
    fields = {name: document[name] for name in ("queue", "kind", "title", "action")} | changes
    return Ask(key=key or str(uuid4()), document=document, **fields)
