"""Deliveries: what is due is taken, sent to its receiver, and its fate written down.

Taking and writing down are short transactions; while a message is on its way none is open.
Receivers that do not answer hold their own few places and nobody else's.
"""

import asyncio
import logging
from collections import Counter

from review.delivery import queries as outbox
from review.delivery.answers import Answer
from review.delivery.envelopes import Outgoing
from review.flows.deliver import record, take
from review.flows.subscribe import SEALED_FOR
from review.infra.db import Database
from review.infra.sealing import SealBroken, unseal
from review.kernel.ids import WorkspaceId
from workers.bells import in_each
from workers.outside import Outside

log = logging.getLogger(__name__)

PLACES = 64  # messages on their way at once, from this process
PLACES_EACH_WORKSPACE = 24
PLACES_EACH_SUBSCRIBER = 4
GRACE_S = 4.0  # for what is on its way when we stop


class Courier:
    """Whatever is on its way from this process."""

    def __init__(
        self, db: Database, outside: Outside, secret_key: bytes, due: asyncio.Event
    ) -> None:
        self._db = db
        self._outside = outside
        self._secret_key = secret_key
        self._due = due
        self._sending: dict[asyncio.Task[None], Outgoing] = {}

    async def look(self) -> None:
        """Set off with all that is due and has a place; whoever comes back looks again."""
        async with self._db.read() as tx:
            workspaces = await outbox.workspaces_due(tx)
        await in_each(workspaces, self._set_off)

    async def close(self) -> None:
        """Wait a little for what is on its way; what is cut off falls due again by itself."""
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _set_off(self, workspace: WorkspaceId) -> None:
        """Take what is due in one workspace, as far as there are places, and set off."""
        sending = self._sending.values()
        theirs = [one.subscription_id for one in sending if one.workspace == workspace]
        places = min(PLACES - len(sending), PLACES_EACH_WORKSPACE - len(theirs))
        if places <= 0:
            return
        busy = [one for one, many in Counter(theirs).items() if many >= PLACES_EACH_SUBSCRIBER]
        async with self._db.begin(workspace) as tx:
            taken = await take(tx, busy=busy, each=PLACES_EACH_SUBSCRIBER, limit=places)
        if taken:
            log.info("sending %d messages of workspace %s", len(taken), workspace)
        for outgoing in taken:
            task = asyncio.create_task(self._send(outgoing))
            self._sending[task] = outgoing
            task.add_done_callback(self._back)

    def _back(self, task: asyncio.Task[None]) -> None:
        """Free a place and look again; a fate that could not be written down is tried again."""
        outgoing = self._sending.pop(task)
        self._due.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("message %s: its fate is unknown", outgoing.message_id, exc_info=error)

    async def _send(self, outgoing: Outgoing) -> None:
        """Send one message and write its fate down."""
        answer = await self._answer_to(outgoing)
        async with self._db.begin(outgoing.workspace) as tx:
            await record(tx, outgoing, answer)

    async def _answer_to(self, outgoing: Outgoing) -> Answer:
        try:
            secret = unseal(self._secret_key, SEALED_FOR, outgoing.sealed_secret)
        except SealBroken:
            log.warning("subscription %s: REVIEW_SECRET_KEY changed", outgoing.subscription_id)
            return Answer(0, error="its secret was sealed under another key; subscribe again")
        content = outgoing.content()
        headers = outgoing.headers(secret, content)
        return await self._outside.post(outgoing.url, headers, content)
