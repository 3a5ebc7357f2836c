"""Transactions: what begins and ends them, and what may wait inside."""

import asyncio
from contextlib import suppress

import pytest
from asyncpg import UniqueViolationError

from review.infra.db import Database, DatabaseBusy
from review.infra.statements import Statement

ADD = """
INSERT INTO identity_throttles (subject, failures, blocked_until) VALUES ($1, 1, now())
"""
ADD_NEW = f"{ADD} ON CONFLICT DO NOTHING"
COUNT = "SELECT count(*) FROM identity_throttles"


async def test_the_first_question_is_answered_with_the_clock(db: Database) -> None:
    ask = Statement("SELECT $1::int + 1 AS next, current_user AS role", (1,))
    async with db.begin(ask=ask) as tx:
        assert (tx.first["next"], tx.first["role"]) == (2, "review_app")
        assert tx.now == await tx.fetchval("SELECT transaction_timestamp()")


async def test_a_question_without_an_answer_leaves_nulls(db: Database) -> None:
    async with db.begin(ask=Statement("SELECT 1 AS one WHERE false", ())) as tx:
        assert tx.first["one"] is None


async def test_what_may_wait_is_there_for_the_next_statement(db: Database) -> None:
    async with db.begin() as tx:
        await tx.later(ADD, b"a", wake="bell")
        assert not tx.sleepers
        assert await tx.fetchval(COUNT) == 1
        assert tx.sleepers == {"bell"}


async def test_what_may_wait_is_there_after_the_commit(db: Database) -> None:
    async with db.begin() as tx:
        await tx.later(ADD, b"a")
        await tx.later(ADD, b"b")
    async with db.read() as tx:
        assert await tx.fetchval(COUNT) == 2


async def test_a_write_that_must_not_come_to_nothing_takes_the_others_down(db: Database) -> None:
    async with db.begin() as tx:
        await tx.later(ADD, b"a")

    async def add_both() -> None:
        async with db.begin() as tx:
            await tx.later(ADD, b"b")
            await tx.later(ADD_NEW, b"a", otherwise=DatabaseBusy())

    with pytest.raises(DatabaseBusy):
        await add_both()
    async with db.read() as tx:
        assert await tx.fetchval(COUNT) == 1


async def test_nobody_is_woken_by_a_write_that_came_to_nothing(db: Database) -> None:
    async with db.begin() as tx:
        await tx.later(ADD, b"a")
        await tx.later(ADD_NEW, b"a", wake="bell")
        await tx.flush()
        assert not tx.sleepers


async def test_a_transaction_that_had_failed_is_not_taken_for_kept(db: Database) -> None:
    async def careless() -> None:
        async with db.begin() as tx:
            await tx.execute(ADD, b"a")
            with suppress(UniqueViolationError):
                await tx.execute(ADD, b"a")

    with pytest.raises(RuntimeError, match="failed"):
        await careless()
    async with db.begin() as tx:
        assert await tx.fetchval(COUNT) == 0


@pytest.mark.parametrize("again", [False, True], ids=["once", "while it rolls back, too"])
async def test_who_is_cancelled_leaves_no_transaction_behind(
    database_url: str, *, again: bool
) -> None:
    db = await Database.connect(database_url, size=1)
    inside = asyncio.Event()

    async def slow() -> None:
        async with db.begin() as tx:
            await tx.execute(ADD, b"a")
            inside.set()
            await tx.execute("SELECT pg_sleep(60)")

    task = asyncio.create_task(slow())
    async with asyncio.timeout(30):
        await inside.wait()
        task.cancel()
        if again:
            await asyncio.sleep(0)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with db.begin() as tx:
            assert await tx.fetchval(COUNT) == 0
    await db.close()
