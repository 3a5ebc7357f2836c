"""Programs as they run: they say what is wrong before they start, and stop when told to."""

import signal
import socket

import httpx
import pytest

from review.infra.db import dial
from tests.cli.programs import PATIENCE_S, eventually, free_port, running
from tests.conftest import Backends
from tests.makers import SECRET


@pytest.fixture
def settings(backends: Backends, database_url: str) -> dict[str, str]:
    urls = {"DATABASE_URL": database_url, "REDIS_URL": backends.redis}
    return {**urls, "REVIEW_SECRET_KEY": SECRET, "PORT": str(free_port())}


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_the_server_answers_until_it_is_told_to_stop(
    settings: dict[str, str], told: signal.Signals
) -> None:
    def ready() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{settings['PORT']}/readyz").is_success
        except httpx.HTTPError:
            return False

    with running("serve", **settings) as server:
        eventually(ready)
        server.send_signal(told)
        said, _ = server.communicate(timeout=PATIENCE_S)
    assert server.returncode == 0
    assert "Traceback" not in said


@pytest.fixture
async def exposed(settings: dict[str, str]) -> dict[str, str]:
    connection = await dial(settings["DATABASE_URL"])
    await connection.execute("ALTER TABLE queue_items DISABLE ROW LEVEL SECURITY")
    await connection.close()
    return settings


def test_nothing_is_served_where_workspaces_could_see_each_other(exposed: dict[str, str]) -> None:
    with running("serve", **exposed) as refused:
        said, _ = refused.communicate(timeout=PATIENCE_S)
    assert refused.returncode == 1
    assert said.startswith("review: The database would let one workspace see into another.\n")
    assert "tables: queue_items\n" in said


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_said_plainly(settings: dict[str, str], command: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        with running(command, **{**settings, "PORT": port}) as refused:
            said, _ = refused.communicate(timeout=PATIENCE_S)
    assert refused.returncode == 1
    assert said.startswith("review: Something else listens on this address already.\n")
    assert f"port: {port}\n" in said


def test_the_worker_works_until_it_is_told_to_stop(settings: dict[str, str]) -> None:
    with running("worker", **settings) as worker:
        assert worker.stdout is not None
        assert "working" in worker.stdout.readline()
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=PATIENCE_S)
    assert worker.returncode == 0
