"""The floors: the same work with nothing of ours in it.

The table is as wide as an item is and carries as many indexes; the HTTP floor is the same server
stack, the same decoding and one insert in autocommit.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from litestar import Litestar, Request, post
from litestar.params import JSONBody

from review.api.submissions import NewItem

POOL = 10  # as many connections as the service keeps

TABLE = """
CREATE TABLE bench_items (
  id uuid PRIMARY KEY, key text NOT NULL UNIQUE, payload jsonb NOT NULL,
  sort_at timestamptz NOT NULL, created_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
  epoch int NOT NULL DEFAULT 0,
  claimed_by uuid, claimed_until timestamptz, settled_at timestamptz, outcome jsonb
);
CREATE INDEX bench_items_lane_idx ON bench_items (sort_at, id) WHERE settled_at IS NULL;
CREATE INDEX bench_items_expiring_idx ON bench_items (expires_at) WHERE settled_at IS NULL;
CREATE INDEX bench_items_created_idx ON bench_items (created_at);
"""
INSERT = """
INSERT INTO bench_items (id, key, payload, sort_at, created_at, expires_at)
VALUES ($1, $2, $3, now(), now(), now() + interval '2 hours')
"""
UNNEST = """
INSERT INTO bench_items (id, key, payload, sort_at, created_at, expires_at)
SELECT g.id, g.key, g.payload, now(), now(), now() + interval '2 hours'
FROM unnest($1::uuid[], $2::text[], $3::jsonb[]) AS g (id, key, payload)
"""
FILL = """
INSERT INTO bench_items (id, key, payload, sort_at, created_at, expires_at)
SELECT gen_random_uuid(), gen_random_uuid()::text, $2::jsonb, now(), now(),
  now() + interval '2 hours'
FROM generate_series(1, $1 - (SELECT count(*) FROM bench_items WHERE settled_at IS NULL))
"""
CLAIM = """
UPDATE bench_items SET claimed_by = $1, claimed_until = now() + interval '10 min', epoch = epoch + 1
WHERE id = (SELECT id FROM bench_items
  WHERE settled_at IS NULL AND (claimed_until IS NULL OR claimed_until <= now())
  ORDER BY sort_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, payload, epoch
"""
SETTLE = """
UPDATE bench_items SET settled_at = now(), outcome = $3, claimed_by = NULL, claimed_until = NULL
WHERE id = $1 AND epoch = $2
"""
PGBENCH = """
INSERT INTO bench_items (id, key, payload, sort_at, created_at, expires_at)
VALUES (gen_random_uuid(), gen_random_uuid()::text,
  jsonb_build_object('text', repeat(md5(random()::text), 30)), now(), now(),
  now() + interval '2 hours');
"""


async def pool_of(url: str, size: int = POOL) -> Any:  # noqa: ANN401 - asyncpg ships without types
    """Return a pool as lean as the service's: no reset at release."""
    return await asyncpg.create_pool(url, min_size=size, max_size=size, reset=leave_as_is)  # pyright: ignore[reportUnknownMemberType]


async def leave_as_is(_connection: object) -> None:
    """Skip the reset."""


def create_app() -> Litestar:
    """Assemble the HTTP floor."""
    pools: list[Any] = []

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncGenerator[None, None]:
        pools.append(await pool_of(os.environ["DATABASE_URL"]))
        yield
        await pools.pop().close()

    @post("/items", status_code=202)
    async def create(data: JSONBody[NewItem], request: Request[Any, Any, Any]) -> dict[str, UUID]:
        """Decode one request and insert one row."""
        item = uuid4()
        key = request.headers["idempotency-key"]
        await pools[0].execute(INSERT, item, key, (await request.body()).decode())
        return {data.queue: item}

    return Litestar([create], lifespan=[lifespan], openapi_config=None)
