"""review demo: everything at once, to look at."""

import asyncio
import fcntl
import json
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
import httpx

from review.cli.demo.children import Children, children
from review.cli.demo.credentials import Credentials, published, take
from review.cli.demo.furnishing import furnish
from review.cli.demo.story import staged, tell
from review.cli.operating import environment_of, prepared
from review.cli.plain import PlainCommand, table
from review.cli.running import WORKER, child_environment, ensure_free, program
from review.cli.stopping import stoppable
from review.infra.embedded_folder import kept
from review.infra.settings import UNMADE, Settings, read
from review.kernel.problems import Kind, Problem

PATIENCE_S = 60.0
EVERY_INTERFACE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - compared, not bound


class DemoRuns(Problem):
    """A demo runs in this folder already.

    Stop it, or choose another folder and another port: `DEMO_DATA=.demo2 PORT=8001`.
    """

    kind = Kind.CONFLICT


class NotReady(Problem):
    """The web server did not become ready.

    `log` is where it writes.
    """

    kind = Kind.UNAVAILABLE


@click.command(cls=PlainCommand)
def demo() -> None:
    """Run everything at once, with people and items to look at.

    Starts a PostgreSQL and a Redis of its own, the web server, the worker and a small agent that
    keeps asking; prints where to look and who to sign in as. Ctrl-C stops all of it, and the next
    run finds everything again. Never run it where others can reach it.

    Scripts find the address, the log-ins and the agents' keys in credentials.json in the data
    folder, which is written as soon as everything can be used.

    Environment:
      PORT          where to listen (8000)
      DEMO_DATA     the data folder (.demo)
      DATABASE_URL  another PostgreSQL, with REDIS_URL another Redis; then none is started
    """
    with stoppable():
        folder = Path(os.environ.get("DEMO_DATA", "").strip() or ".demo")
        given = {name: value for name, value in os.environ.items() if value.strip()}
        planned = read(UNMADE | given)
        ensure_free(planned.host, planned.port)
        with alone(folder):
            os.environ["REVIEW_DATA"] = str(folder)
            if "DATABASE_URL" in given and "REVIEW_SECRET_KEY" not in given:
                os.environ["REVIEW_SECRET_KEY"] = kept(folder / "secret_key")
            click.echo(f"Starting; data and logs are in {folder}/", err=True)
            with prepared(migrate=True) as chosen:
                run(chosen, folder)


def run(chosen: Settings, folder: Path) -> None:
    """Furnish, start, publish, and watch until somebody says stop.

    Raises: ProcessDied, NotReady.
    """
    credentials, now = asyncio.run(furnish(chosen, take(folder)))
    local = f"http://{EVERY_INTERFACE.get(chosen.host, chosen.host)}:{chosen.port}"
    environment = child_environment(environment_of(chosen))
    with children(folder / "logs") as family:
        family.start("web", program("review.cli.main", "serve"), environment)
        family.start("worker", program(WORKER), environment)
        wait_until_ready(family, local)
        with staged(local, credentials) as stage:
            tell(stage, now)
        at_work = {"DEMO_URL": local, "DEMO_KEYS": json.dumps(credentials.agents)}
        family.start("agent", program("review.cli.demo.agent"), environment | at_work)
        family.ensure_alive()
        with published(folder, credentials) as file:
            click.echo(welcome(credentials, file))
            while True:
                family.ensure_alive()
                time.sleep(0.2)


def wait_until_ready(family: Children, url: str) -> None:
    """Return once requests are served.

    Raises: ProcessDied, NotReady.
    """
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        family.ensure_alive()
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/readyz", timeout=5).is_success:
                return
        time.sleep(0.05)
    raise NotReady(url=url, log=str(family.logs / "web.log"))


def welcome(credentials: Credentials, file: Path) -> str:
    """Return what a newcomer needs to know."""
    people = [
        (role, person["email"], person["password"])
        for role, group in credentials.people.items()
        for person in group
    ]
    agents = [("agent", name, key) for name, key in credentials.agents.items()]
    rows = table(["role", "sign in as", "password or key"], [*people, *agents], indent="  ")
    return (
        f"\nReview runs at {credentials.url} - Ctrl-C stops it.\n\n{rows}\n\n"
        f"Scripts find all of this in {file}.\n"
    )


@contextmanager
def alone(folder: Path) -> Generator[None, None, None]:
    """Be the only demo in a folder.

    Raises: DemoRuns.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoRuns(folder=str(folder)) from None
        yield
