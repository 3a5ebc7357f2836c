"""Transactions: opened and closed by the edges, used by everyone else.

A round trip costs more than most statements, so BEGIN goes out together with the workspace, the
clock is read by whatever is asked first, and writes that nobody waits for go together.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self, TypeAlias

import asyncpg
import msgspec

from review.infra.statements import NOTHING, Later, Statement, clocked, table_of, together
from review.kernel.ids import WorkspaceId
from review.kernel.problems import Kind, Problem

Connection: TypeAlias = Any  # asyncpg ships without types
Row: TypeAlias = Any  # asyncpg.Record: a mapping by column name, untyped by nature
Wake: TypeAlias = Callable[[WorkspaceId | None, frozenset[str]], None]

APP_ROLE = "review_app"
CONNECT_S = 5  # how long a new connection may take
SETTINGS = {
    "role": APP_ROLE,  # row-level security binds this role; see migrations/versions/0001
    "application_name": "review",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
    "jit": "off",
}


# What PostgreSQL says when it, or the way to it, goes away.
LOST = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InternalClientError,  # PostgreSQL's goodbye was there before the question
)
# What it says when it is there, and gave up on this transaction for the sake of others.
GAVE_UP = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)


class DatabaseUnavailable(Problem):
    """The database cannot be reached at the moment.

    Nothing was stored, unless the connection broke in the very moment of storing. Send the request
    again, with the same `Idempotency-Key` where it had one: if an earlier attempt did get through,
    the answer to it is returned instead of a second item.
    """

    kind = Kind.UNAVAILABLE
    retryable = True


class DatabaseBusy(Problem):
    """The database is too busy to finish this.

    Others held what this request needed for too long. Nothing was stored; send it again in a
    moment, with the same `Idempotency-Key` where it had one.
    """

    kind = Kind.UNAVAILABLE
    retryable = True


@dataclass(frozen=True, slots=True)
class Tx:
    """One open transaction, the instant it began, and whom to wake once it commits.

    `now` is read from PostgreSQL at BEGIN: one clock for the whole fleet, constant for the whole
    transaction, and a plain argument in tests.
    """

    connection: Connection
    now: datetime
    workspace: WorkspaceId | None = None
    first: Row = None  # the answer to what was asked at BEGIN
    sleepers: set[str] = field(default_factory=set[str])
    waiting: list[Later] = field(default_factory=list[Later])

    @property
    def tenant(self) -> WorkspaceId:
        """The workspace this transaction is confined to; a programming error if there is none."""
        if self.workspace is None:
            msg = "this transaction was opened without a workspace"
            raise RuntimeError(msg)
        return self.workspace

    async def confine(self, workspace: WorkspaceId) -> Self:
        """Return the same transaction, confined to a workspace from here on."""
        await self.fetchval("SELECT set_config('review.workspace', $1, true)", str(workspace))
        return replace(self, workspace=workspace)

    def wake(self, name: str) -> None:
        """Ask for somebody to be poked after commit. A lost poke costs delay, never work."""
        self.sleepers.add(name)

    async def later(
        self, sql: str, *args: object, wake: str | None = None, otherwise: Exception | None = None
    ) -> None:
        """Send an INSERT along with others, before the next statement or the commit.

        What waits goes as one statement: none sees what another writes, unless it reads from its
        `new_<table>`. With `otherwise`, that is raised if no row was inserted.
        """
        if table_of(sql) in {table_of(one.write.sql) for one in self.waiting}:
            await self.flush()  # within one table, first come is first numbered
        self.waiting.append(Later(Statement(sql, args), wake, otherwise))

    async def flush(self) -> None:
        """Send what waits."""
        if not self.waiting:
            return
        late = list(self.waiting)
        self.waiting.clear()
        args = [arg for one in late for arg in one.write.args]
        sql = together(*(one.write.shape for one in late))
        counts = await self.connection.fetchrow(sql, *args)
        for one, count in zip(late, counts, strict=True):
            if count == 0 and one.otherwise is not None:
                raise one.otherwise
            if count > 0 and one.wake is not None:
                self.wake(one.wake)

    async def fetch(self, sql: str, *args: object) -> list[Row]:
        """Run one statement and return its rows."""
        await self.flush()
        return await self.connection.fetch(sql, *args)

    async def fetchrow(self, sql: str, *args: object) -> Row | None:
        """Run one statement and return its first row, if any."""
        await self.flush()
        return await self.connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: object) -> Any:  # noqa: ANN401 - a column of any type
        """Run one statement and return the first column of its first row, if any."""
        await self.flush()
        return await self.connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: object) -> int:
        """Run one statement and return how many rows it touched."""
        await self.flush()
        tag: str = await self.connection.execute(sql, *args)
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0


def wake_nobody(_workspace: WorkspaceId | None, _names: frozenset[str]) -> None:
    """Wake no one; the workers' own schedule will do."""


class Database:
    """The only door to PostgreSQL. `begin()` commits on a clean exit and on nothing else."""

    def __init__(self, pool: Any, wake: Wake = wake_nobody) -> None:  # noqa: ANN401 - asyncpg.Pool is untyped
        self._pool = pool
        self._wake = wake

    @classmethod
    async def connect(cls, url: str, wake: Wake = wake_nobody, *, size: int = 10) -> Self:
        """Open a pool as the application role, which cannot bypass row-level security."""
        pool: Any = await asyncpg.create_pool(  # pyright: ignore[reportUnknownMemberType]
            url,
            min_size=1,
            max_size=size,
            timeout=CONNECT_S,
            init=prepare_connection,
            reset=leave_as_is,
            server_settings=SETTINGS,
        )
        return cls(pool, wake)

    async def close(self) -> None:
        """Close every connection, politely."""
        await self._pool.close()

    @asynccontextmanager
    async def begin(
        self, workspace: WorkspaceId | None = None, ask: Statement = NOTHING
    ) -> AsyncGenerator[Tx, None]:
        """Open a transaction confined to one workspace; a failed COMMIT reaches the caller.

        What is asked at BEGIN is answered in `tx.first`.
        """
        async with self._transaction("BEGIN", workspace, ask) as tx:
            yield tx
        if tx.sleepers:
            self._wake(workspace, frozenset(tx.sleepers))

    @asynccontextmanager
    async def read(
        self, workspace: WorkspaceId | None = None, ask: Statement = NOTHING
    ) -> AsyncGenerator[Tx, None]:
        """Open a transaction that PostgreSQL itself will not let write."""
        async with self._transaction("BEGIN READ ONLY", workspace, ask) as tx:
            yield tx

    @asynccontextmanager
    async def _transaction(
        self, begin: str, workspace: WorkspaceId | None, ask: Statement
    ) -> AsyncGenerator[Tx, None]:
        connection = await self._acquired()
        try:
            try:
                confined = "" if workspace is None else workspace
                await connection.execute(f"{begin}; SET LOCAL review.workspace = '{confined}'")
                row = await connection.fetchrow(clocked(ask.sql), *ask.args)
                tx = Tx(connection, row["now"], workspace, row)
                yield tx
                await tx.flush()
            except BaseException:
                await connection.execute("ROLLBACK")
                raise
            await committed(connection)
        except LOST as error:
            raise DatabaseUnavailable from error
        except GAVE_UP as error:
            raise DatabaseBusy from error
        except asyncpg.InterfaceError as error:
            if not lost(connection):
                raise  # it is asyncpg's word for its wrong use, too
            raise DatabaseUnavailable from error
        finally:
            await self._pool.release(connection)  # which rolls back what is open even now

    async def _acquired(self) -> Connection:
        """Take a connection from the pool, which opens a new one in place of each that is lost."""
        try:
            return await self._pool.acquire()
        except (*LOST, OSError) as error:
            raise DatabaseUnavailable from error


def lost(connection: Connection) -> bool:
    """Tell whether a connection that is in use here is no more."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has taken back what was lost
        return True


async def committed(connection: Connection) -> None:
    """Commit, and let nobody believe that a transaction which had failed before was kept."""
    if await connection.execute("COMMIT") != "COMMIT":
        msg = "a statement of this transaction failed, and whoever sent it went on"
        raise RuntimeError(msg)


async def opened(connection: Connection, workspace: WorkspaceId | None) -> Tx:
    """Confine a fresh transaction to its workspace and read the clock."""
    now = await connection.fetchval(
        "SELECT transaction_timestamp() FROM set_config('review.workspace', $1, true)",
        "" if workspace is None else str(workspace),
    )
    return Tx(connection, now, workspace)


async def dial(url: str, settings: Mapping[str, str] | None = None) -> Connection:
    """Open one connection outside any pool; the caller closes it."""
    return await asyncpg.connect(url, server_settings=settings)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


async def prepare_connection(connection: Connection) -> None:
    """Teach a new connection to speak JSON."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=encode_json,
        decoder=msgspec.json.decode,
    )


async def leave_as_is(_connection: object) -> None:
    """Skip the pool's reset: nothing here changes a connection beyond its transaction."""


def encode_json(value: object) -> str:
    """Encode one document for a jsonb parameter."""
    return msgspec.json.encode(value).decode()
