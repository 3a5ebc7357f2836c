"""What PostgreSQL says when a transaction cannot go on, and what a caller is told of it."""

import asyncio

import asyncpg
import pytest

from review.infra.db import Database, DatabaseBusy, DatabaseUnavailable
from tests.conftest import Backends

pytestmark = pytest.mark.faults

# Locks by name stand in for rows: two transactions can want the same ones.
LOCK = "SELECT pg_advisory_xact_lock($1)"


async def test_a_lock_that_others_hold_for_too_long_is_busy(db: Database) -> None:
    async with db.begin() as holder:
        await holder.execute(LOCK, 1)
        with pytest.raises(DatabaseBusy):
            await run(db, "SET LOCAL lock_timeout = '20ms'", LOCK.replace("$1", "1"))


async def test_a_statement_that_takes_too_long_is_busy(db: Database) -> None:
    with pytest.raises(DatabaseBusy):
        await run(db, "SET LOCAL statement_timeout = '20ms'", "SELECT pg_sleep(60)")


async def test_of_two_that_wait_for_each_other_one_is_busy(db: Database) -> None:
    holding = [asyncio.Event(), asyncio.Event()]

    async def both(mine: int) -> bool:
        try:
            async with db.begin() as tx:
                await tx.execute(LOCK, mine)
                holding[mine].set()
                await holding[1 - mine].wait()
                await tx.execute(LOCK, 1 - mine)
        except DatabaseBusy:
            return False
        return True

    async with asyncio.timeout(30):
        assert sorted(await asyncio.gather(both(0), both(1))) == [False, True]


async def test_what_cannot_be_serialised_is_busy(db: Database) -> None:
    with pytest.raises(DatabaseBusy):
        await run(db, "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")


@pytest.mark.parametrize("during", ["a statement", "the rollback", "the commit"])
async def test_a_connection_lost_in_the_middle_is_unavailable(
    db: Database, backends: Backends, during: str
) -> None:
    async def work() -> None:
        async with db.begin() as tx:
            pid = await tx.fetchval("SELECT pg_backend_pid()")
            await backends.admin(f"SELECT pg_terminate_backend({pid}, 10000)")
            if during == "a statement":
                await tx.fetchval("SELECT 1")
            if during == "the rollback":
                raise LookupError

    with pytest.raises(DatabaseUnavailable):
        await work()
    async with db.begin() as tx:
        assert await tx.fetchval("SELECT 1") == 1


async def test_more_at_once_than_the_pool_has_wait_their_turn(db: Database) -> None:
    async def one(number: int) -> int:
        async with db.read() as tx:
            return await tx.fetchval("SELECT $1::int", number)

    async with asyncio.timeout(30):
        assert await asyncio.gather(*[one(n) for n in range(50)]) == list(range(50))


async def test_our_own_mistakes_stay_what_they_are(db: Database) -> None:
    with pytest.raises(asyncpg.PostgresSyntaxError):
        await run(db, "SELEKT")
    with pytest.raises(asyncpg.UndefinedTableError):
        await run(db, "SELECT FROM nowhere")
    with pytest.raises(asyncpg.InterfaceError):
        async with db.begin() as tx:
            await tx.fetchval("SELECT $1::int")
    with pytest.raises(FileNotFoundError):
        async with db.begin():
            raise FileNotFoundError
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with db.read() as tx:
            await tx.execute("SELECT nextval('queue_decision_seq')")


async def run(db: Database, *statements: str) -> None:
    """Run statements in a transaction of their own."""
    async with db.begin() as tx:
        for statement in statements:
            await tx.execute(statement)
