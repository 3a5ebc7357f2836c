"""The laws every story must keep, checked from the ledger and the tables, never from the flows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from review.infra.db import Database
from review.kernel.ids import WorkspaceId
from review.ledger.events import Entry

ENTRIES = "SELECT seq, type, item_id, at, actor_id, queue, facts FROM ledger_entries ORDER BY seq"

ITEMS = """
SELECT i.item_id, q.name AS queue, i.epoch, i.revision, i.claimed_by, i.claimed_until,
  i.asked_at IS NOT NULL AS asked, i.settled_at, i.result, i.cause, i.decision_seq, i.hops,
  i.acknowledged_at
FROM queue_items i JOIN queue_queues q USING (workspace_id, queue_id)
"""

VOTES = "SELECT vote_id, item_id, epoch, revision, person_id, view_id FROM decisions_votes"

REVISIONS = "SELECT item_id, max(revision) AS revision, count(*) FROM queue_revisions GROUP BY 1"

# a message is owed to every subscription whose queue, if it names one, is the item's
OWED = """
SELECT i.item_id, s.subscription_id, count(m.message_id) AS messages
FROM queue_items i JOIN queue_queues q USING (workspace_id, queue_id)
JOIN delivery_subscriptions s ON s.workspace_id = i.workspace_id
  AND (s.queue IS NULL OR s.queue = q.name)
LEFT JOIN delivery_messages m ON m.workspace_id = i.workspace_id AND m.item_id = i.item_id
  AND m.subscription_id = s.subscription_id AND m.type = 'item.settled'
WHERE i.settled_at IS NOT NULL GROUP BY 1, 2
"""

FREES = {"released", "voted", "revised", "answered", "escalated", "settled"}
REOPENS = {"revised", "answered", "escalated", "settled"}
TELLS = {
    "claimed": ("epoch",),
    "revised": ("revision",),
    "answered": ("revision",),
    "escalated": ("hops",),
    "settled": ("result", "cause", "decision_seq"),
}

MESSAGES = "SELECT count(*) FROM delivery_messages WHERE type = 'item.settled'"


@dataclass(slots=True)
class Folded:
    """One item as its ledger entries tell it."""

    queue: str
    epoch: int = 0
    revision: int = 1
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    asked: bool = False
    settled_at: datetime | None = None
    result: str | None = None
    cause: str | None = None
    decision_seq: int | None = None
    hops: int = 0
    acknowledged_at: datetime | None = None

    def held(self, by: object, epoch: int, at: datetime) -> bool:
        """Tell whether somebody holds the item under this epoch at an instant."""
        alive = self.claimed_until is not None and at < self.claimed_until
        return alive and self.claimed_by == str(by) and self.epoch == epoch


async def broken_laws(db: Database, workspace: WorkspaceId, heard: list[Entry]) -> list[str]:
    """Return what does not hold in a workspace, given what a follower of its stream heard."""
    async with db.read(workspace) as tx:
        entries, items, votes = [await tx.fetch(sql) for sql in (ENTRIES, ITEMS, VOTES)]
        revisions, owed = [await tx.fetch(sql) for sql in (REVISIONS, OWED)]
        messages = await tx.fetchval(MESSAGES)
    broken = list[str]()
    if sorted(entry.seq for entry in heard) != [row["seq"] for row in entries]:
        broken.append("the follower of the stream lost or doubled an event")
    folded = dict[UUID, Folded]()
    for row in entries:
        if row["item_id"] is not None:
            broken += step(folded, row)
    for row in items:
        broken += compare(folded.get(row["item_id"]), dict(row))
    if len(folded) != len(items):
        broken.append("the ledger speaks of items that do not exist")
    cast = sorted(row["facts"]["vote"] for row in entries if row["type"] == "item.voted")
    if cast != sorted(str(vote["vote_id"]) for vote in votes):
        broken.append("votes and their entries differ")
    for row in revisions:
        if row["revision"] != row["count"]:
            broken.append(f"{row['item_id']} misses a revision")
    if [row for row in owed if row["messages"] != 1] or sum(
        r["messages"] for r in owed
    ) != messages:
        broken.append("an outcome is owed to somebody not exactly once")
    return broken


def step(folded: dict[UUID, Folded], row: Any) -> list[str]:
    """Let one entry happen to its item; return what may not happen then."""
    kind = row["type"].removeprefix("item.")
    if kind == "submitted":
        if row["item_id"] in folded:
            return [f"{row['item_id']} was submitted twice"]
        folded[row["item_id"]] = Folded(row["queue"])
        return []
    item = folded.get(row["item_id"])
    if item is None:
        return [f"{kind} before submission"]
    if item.settled_at is not None and kind != "acknowledged":
        return [f"{kind} after the end of {row['item_id']}"]
    wrong = refused(item, kind, row)
    happen(item, kind, row)
    return [f"{kind}: {one}" for one in wrong]


def happen(item: Folded, kind: str, row: Any) -> None:
    """Change an item as an entry tells it."""
    facts = row["facts"]
    if kind in FREES:
        item.claimed_by = item.claimed_until = None
    if kind in REOPENS:
        item.asked = False
    for name in TELLS.get(kind, ()):
        setattr(item, name, facts[name])
    match kind:
        case "claimed" | "renewed":
            item.claimed_by = facts["by"]
            item.claimed_until = datetime.fromisoformat(facts["until"])
        case "asked":
            item.asked = True
        case "escalated":
            item.queue = row["queue"]
        case "settled":
            item.settled_at = row["at"]
        case "acknowledged":
            item.acknowledged_at = row["at"]
        case _:
            pass


def refused(item: Folded, kind: str, row: Any) -> list[str]:
    """Return why an entry could not have happened to an item that stands like this."""
    facts, at = row["facts"], row["at"]
    alive = item.claimed_until is not None and at < item.claimed_until
    checks = {
        "claimed": [
            ("somebody else holds it", not alive),
            ("its agent owes an answer", not item.asked),
            ("the epoch did not rise by one", facts.get("epoch") == item.epoch + 1),
        ],
        "voted": [("an older revision", facts.get("revision") == item.revision)],
        "revised": [("skipped a number", facts.get("revision") == item.revision + 1)],
        "answered": [("nothing was asked", item.asked)],
        "settled": [
            ("only people deny", facts.get("result") != "denied" or facts["cause"] == "human"),
            ("only time expires", facts.get("result") != "expired" or facts["cause"] != "human"),
        ],
        "acknowledged": [
            ("too early", item.settled_at is not None),
            ("twice", item.acknowledged_at is None),
        ],
    }
    found = checks.get(kind, [])
    if kind in ("voted", "renewed", "released", "opened"):
        epoch = facts["epoch"]
        found = [*found, ("under a dead epoch", item.held(row["actor_id"], epoch, at))]
    return [why for why, holds in found if not holds]


def compare(item: Folded | None, row: dict[str, Any]) -> list[str]:
    """Return where the table and the fold of the ledger differ."""
    if item is None:
        return [f"{row['item_id']} is not in the ledger"]
    row["claimed_by"] = None if row["claimed_by"] is None else str(row["claimed_by"])
    return [
        f"{name}: the table says {row[name]}, the ledger {getattr(item, name)}"
        for name in Folded.__slots__
        if row[name] != getattr(item, name)
    ]
