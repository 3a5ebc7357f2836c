"""Readers of the ledger lose nothing, in whatever order transactions commit what they wrote."""

import asyncio
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from asyncpg import InsufficientPrivilegeError

from review.identity.actors import Principal
from review.infra.db import Database, Tx
from review.kernel.ids import SYSTEM, WorkspaceId
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.ledger.queries import START
from review.reports.stream_queries import follow

HOME = WorkspaceId(uuid4())
NAIVE = "SELECT seq, facts ->> 'name' AS name FROM ledger_entries WHERE seq > $1 ORDER BY seq"


async def write(tx: Tx, *names: str, queue: str | None = None) -> None:
    """Write one entry per name."""
    events = (Happened(Happening.KEY_CREATED, None, queue, {"name": name}) for name in names)
    await ledger.append(tx, Principal.SYSTEM, SYSTEM, *events)
    await tx.flush()


@dataclass(slots=True)
class Reader:
    """Somebody who follows the stream, a few entries at a time."""

    db: Database
    limit: int = 100
    queue: str | None = None
    place: tuple[int, int] = START
    heard: list[str] = field(default_factory=list[str])

    async def look(self) -> list[str]:
        """Return the names that are new since the last look."""
        async with self.db.read(HOME) as tx:
            entries, self.place = await follow(
                tx, self.place, queue=self.queue, producer=None, limit=self.limit
            )
        news = [entry.facts["name"] for entry in entries]
        self.heard += news
        return news

    async def hear(self, number: int) -> list[str]:
        """Return so many names; transactions elsewhere on the server may keep us waiting."""
        news = list[str]()
        async with asyncio.timeout(20):
            while len(news) < number:
                news += await self.look()
        return news


async def test_an_event_that_commits_late_is_not_skipped(db: Database) -> None:
    reader, last = Reader(db), 0
    naive = list[str]()

    async def look_naively(after: int) -> int:
        async with db.read(HOME) as tx:
            rows = await tx.fetch(NAIVE, after)
        naive.extend(row["name"] for row in rows)
        return max([after, *(row["seq"] for row in rows)])

    async with db.begin(HOME) as slow:
        await write(slow, "slow")
        async with db.begin(HOME) as quick:
            await write(quick, "quick")
        assert await reader.look() == []  # quick is there, and waits for slow
        last = await look_naively(last)
    assert await reader.hear(2) == ["slow", "quick"]
    await look_naively(last)
    assert naive == ["quick"]  # who goes by the number alone never hears of slow


async def test_a_transaction_that_wrote_nothing_yet_cannot_slip_in_behind(db: Database) -> None:
    reader = Reader(db)
    async with db.begin(HOME) as slow, db.begin(HOME) as other:
        await write(other, "other first")
        async with db.begin(HOME) as quick:
            await write(quick, "quick")
        await write(slow, "slow")
        assert await reader.look() == []
    assert sorted(await reader.hear(3)) == ["other first", "quick", "slow"]
    assert await reader.look() == []


async def test_what_is_rolled_back_is_never_heard_and_holds_nobody_up(db: Database) -> None:
    reader = Reader(db)

    async def fail() -> None:
        async with db.begin(HOME) as doomed:
            await write(doomed, "never")
            async with db.begin(HOME) as quick:
                await write(quick, "quick")
            assert await reader.look() == []
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await reader.hear(1) == ["quick"]


async def test_many_writers_in_any_order_are_heard_once_each_in_small_bites(db: Database) -> None:
    readers = [Reader(db, limit=limit) for limit in (1, 2, 7, 100)]
    for turn in range(6):
        async with db.begin(HOME) as first, db.begin(HOME) as second:
            await write(second, f"{turn} second", f"{turn} second too")
            await write(first, f"{turn} first")
            for reader in readers:
                await reader.look()
    expected = sorted(f"{turn} {name}" for turn in range(6)
                      for name in ("first", "second", "second too"))  # fmt: skip
    for reader in readers:
        await reader.hear(len(expected) - len(reader.heard))
        assert await reader.look() == []
        assert sorted(reader.heard) == expected
        assert reader.heard == readers[0].heard


async def test_a_reader_of_one_queue_hears_that_queue_alone(db: Database) -> None:
    reader = Reader(db, queue="refunds", limit=1)
    async with db.begin(HOME) as tx:
        await write(tx, "a", queue="comments")
        await write(tx, "b", queue="refunds")
        await write(tx, "c")
        await write(tx, "d", queue="refunds")
    assert await reader.hear(2) == ["b", "d"]
    assert await reader.look() == []


async def test_a_follower_who_names_an_entry_goes_on_behind_it(db: Database) -> None:
    async with db.begin(HOME) as tx:
        await write(tx, "a", "b", "c")
    await Reader(db).hear(3)
    async with db.read(HOME) as tx:
        seqs = [row["seq"] for row in await tx.fetch(NAIVE, 0)]
        place = await ledger.place_of(tx, seqs[1])
        entries, _ = await follow(tx, place, queue=None, producer=None, limit=9)
        assert [entry.facts["name"] for entry in entries] == ["c"]
        assert await ledger.place_of(tx, 10**15) == START
    async with db.read(WorkspaceId(uuid4())) as tx:
        assert await ledger.place_of(tx, seqs[1]) == START
        assert await follow(tx, START, queue=None, producer=None, limit=9) == ([], START)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET facts = '{}'",
        "DELETE FROM ledger_entries",
        "TRUNCATE ledger_entries",
        "UPDATE decisions_votes SET verdict = 'approve'",
        "DELETE FROM decisions_votes",
        "UPDATE attention_views SET digest = ''",
        "DELETE FROM queue_items",
        "DELETE FROM queue_revisions",
        "ALTER TABLE ledger_entries DISABLE ROW LEVEL SECURITY",
    ],
)
async def test_the_service_itself_cannot_rewrite_history(db: Database, statement: str) -> None:
    async with db.begin(HOME) as tx:
        await write(tx, "as it was")
    with pytest.raises(InsufficientPrivilegeError):
        async with db.begin(HOME) as tx:
            await tx.execute(statement)


async def test_a_tenant_reads_and_writes_its_own_rows_only(db: Database) -> None:
    stranger = WorkspaceId(uuid4())
    async with db.begin(HOME) as tx:
        await write(tx, "ours")
    for workspace in (stranger, None):
        async with db.read(workspace) as tx:
            assert await tx.fetch("SELECT FROM ledger_entries") == []
    with pytest.raises(InsufficientPrivilegeError):
        async with db.begin(stranger) as tx:
            await tx.execute(
                "INSERT INTO ledger_entries (workspace_id, at, type, actor_kind, actor_id, facts)"
                " VALUES ($1, $2, 'x', 'system', $1, '{}')",
                *(HOME, tx.now),
            )
