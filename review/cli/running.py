"""review serve, worker and migrate: what runs in production."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType

import click
import uvicorn

import review
from review.cli.operating import environment_of, prepared
from review.cli.plain import PlainCommand
from review.cli.stopping import stoppable
from review.infra.closing import closing
from review.infra.migrating import upgrade
from review.infra.settings import HIGHEST_PORT, settings
from review.kernel.problems import Kind, Problem

GRACE_S = 5
WORKER = "workers.main"


class PortTaken(Problem):
    """Something else listens on this address already.

    Stop it, or choose another port: `PORT=8001`.
    """

    kind = Kind.UNAVAILABLE


class Server(uvicorn.Server):
    """A web server that lets those who wait give up when it is told to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take note of a signal."""
        closing.set()
        super().handle_exit(sig, frame)


@click.command(cls=PlainCommand)
@click.option("--host", help="Address to listen on; REVIEW_HOST, else 127.0.0.1.")
@click.option(
    "--port", type=click.IntRange(1, HIGHEST_PORT), help="Port to listen on; PORT, else 8000."
)
@click.option(
    "--trust-proxy",
    metavar="ADDRESSES",
    help="Believe X-Forwarded-For and -Proto from these addresses, separated by commas.",
)
def serve(*, host: str | None, port: int | None, trust_proxy: str | None) -> None:
    """Run the web server: API and console.

    It runs one process; run several behind a load balancer for more. It refuses a database whose
    schema is older than the program, and one that would let workspaces see each other.

    For example:
      review serve                                       with servers of its own, for trying out
      review serve --host 0.0.0.0 --trust-proxy 10.0.0.7 behind a proxy that speaks TLS
    """
    os.environ.update({"REVIEW_HOST": host} if host else {})
    os.environ.update({"PORT": str(port)} if port else {})
    with stoppable(), prepared() as chosen:
        ensure_free(chosen.host, chosen.port)
        os.environ.update(environment_of(chosen))  # where the factory reads its settings
        server = Server(
            uvicorn.Config(
                "review.app:create_app",
                factory=True,
                host=chosen.host,
                port=chosen.port,
                loop="uvloop",
                http="httptools",
                ws="none",
                lifespan="on",
                access_log=False,
                server_header=False,
                proxy_headers=trust_proxy is not None,
                forwarded_allow_ips=trust_proxy,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        server.run()
        sys.exit(0 if server.started else 1)


@click.command(cls=PlainCommand)
def worker() -> None:
    """Run the worker: expiry, webhooks, what happens by itself.

    Run one beside the web server; several share the work. Nothing is lost while none runs.
    """
    with stoppable(), prepared() as chosen:
        child = subprocess.Popen(program(WORKER), env=child_environment(environment_of(chosen)))  # noqa: S603 - our own program
        try:
            sys.exit(child.wait())
        finally:
            child.terminate()
            child.wait()


@click.command(cls=PlainCommand)
def migrate() -> None:
    """Bring the database's schema up to date.

    It connects as MIGRATIONS_URL where that is set, else as DATABASE_URL: the role that owns the
    tables. It can be run while the older program still serves, and any number of times.
    """
    with settings() as chosen:
        click.echo(f"The schema is at {upgrade(chosen.migrations_url)}.")


def program(module: str, *arguments: str) -> list[str]:
    """Return the command that runs one of our modules, whatever lies in the current folder."""
    return [sys.executable, "-P", "-m", module, *arguments]


def child_environment(environment: dict[str, str]) -> dict[str, str]:
    """Return an environment in which a child finds the same code as this process."""
    home = str(Path(review.__file__).parent.parent)
    paths = [home, *filter(None, [environment.get("PYTHONPATH")])]
    return {**environment, "PYTHONPATH": os.pathsep.join(paths)}


def ensure_free(host: str, port: int) -> None:
    """Return quietly if nobody listens on an address.

    Raises: PortTaken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as error:
            raise PortTaken(host=host, port=port, said=error.strerror) from None
