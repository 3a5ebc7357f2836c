"""`make bench`: one run starts the service and its floors, and prints how they compare.

With DATABASE_URL and REDIS_URL it measures on those servers, in a database of its own that is
dropped afterwards; otherwise on an embedded pair. Absolute numbers belong to the machine and the
minute; only the ratios, taken in alternating rounds of one run, mean anything.
"""

import time

import uvloop

from bench.deciding import deciding
from bench.ground import ground, servers
from bench.hearing import hearing, waking
from bench.processes import web, worker
from bench.results import Result, keep, machine, table
from bench.submitting import filling, submitting
from review.infra.db import dial

BACKLOG = 24_000


async def measure(server_url: str, redis_url: str) -> tuple[list[Result], str]:
    """Measure everything once."""
    async with ground(server_url, redis_url) as place:
        plain = await dial(place.database_url)
        postgres = await plain.fetchval("SHOW server_version")
        await plain.close()
        ran_on = f"{machine()}, PostgreSQL {postgres}; python -m bench"
        url = place.database_url
        async with (
            web("review.app:create_app", url, redis_url) as service,
            web("bench.floor:create_app", url, redis_url) as floor,
            worker(url, redis_url),
        ):
            results = [await waking(place)]
            results.append(await filling(place, service, BACKLOG))
            results += await submitting(place, service, floor)
            results += await deciding(place, service, BACKLOG)
            results += await hearing(place, service)
            rss = service.rss_mib()
        said = "resident memory of the one web process after all of the above"
        return [*results, Result("web_rss_mb", rss, said)], ran_on


def main() -> None:
    """Run, print, keep."""
    start = time.monotonic()
    with servers() as (server_url, redis_url):
        results, ran_on = uvloop.run(measure(server_url, redis_url))
    keep(results, ran_on)
    print(f"{ran_on}; {time.monotonic() - start:.0f} s\n")
    print(table(results))
    print()
    for one in results:
        print(f"{one.name}: {one.detail}")


if __name__ == "__main__":
    main()
