"""The demo as a newcomer runs it: one process to start, one to stop, everything found again."""

import json
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.cli.programs import PATIENCE_S, eventually, free_port, running

REFUND: dict[str, Any] = {
    "queue": "refunds",
    "kind": "approval",
    "title": "Refund 12 EUR for a test",
    "action": {
        "name": "issue_refund",
        "arguments": {"order_id": "T-1", "amount": "12.00", "currency": "EUR"},
    },
    "due_in_s": 1,
    "requires": ["lang:de"],
}
KEY = {"Idempotency-Key": '"test"'}


def ready(demo: subprocess.Popen[str], folder: Path) -> dict[str, Any]:
    """Wait until a demo says that it can be used; return how."""
    file = folder / "credentials.json"
    eventually(lambda: file.exists() or demo.poll() is not None)
    assert demo.poll() is None
    assert file.stat().st_mode & 0o777 == 0o600
    return json.loads(file.read_text())


def told(demo: subprocess.Popen[str], how: signal.Signals) -> str:
    """Tell a demo to stop, see that it ends well, and return what it had said."""
    demo.send_signal(how)
    said, _ = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 0, said
    return said


def family(demo: subprocess.Popen[str], folder: Path) -> list[psutil.Process]:
    """Return every process that belongs to a demo, its servers too."""
    servers = [one for one in psutil.process_iter() if str(folder) in str(places(one))]
    return [*psutil.Process(demo.pid).children(recursive=True), *servers]


def places(process: psutil.Process) -> list[str]:
    """Return where a process is at home, as far as it lets us see."""
    try:
        return [process.cwd(), *process.cmdline()]
    except psutil.Error:
        return []


@contextmanager
def signed_in(known: dict[str, Any], role: str = "reviewer") -> Generator[httpx.Client, None, None]:
    with httpx.Client(base_url=known["url"], timeout=PATIENCE_S) as client:
        session = client.post("/v1/sessions", json=known["people"][role][0])
        assert session.status_code == 201, session.text
        assert session.json()["workspace"] == known["workspace"]
        client.headers["X-CSRF-Token"] = session.json()["csrf_token"]
        yield client


def agent(known: dict[str, Any], name: str = "support-bot") -> httpx.Client:
    headers = {"Authorization": f"Bearer {known['agents'][name]}"}
    return httpx.Client(base_url=known["url"], headers=headers, timeout=PATIENCE_S)


def everything(client: httpx.Client) -> list[dict[str, Any]]:
    return client.get("/v1/items", params={"limit": 200}).raise_for_status().json()["items"]


def test_a_demo_can_be_used_stopped_and_found_again(tmp_path: Path) -> None:
    folder, port = tmp_path / "demo", free_port()
    settings = {"DEMO_DATA": str(folder), "PORT": str(port)}
    with running("demo", **settings) as demo:
        known = ready(demo, folder)
        assert known["url"] == f"http://127.0.0.1:{port}"
        item = use(known)
        processes = family(demo, folder)
        assert len(processes) >= 5  # web server, worker, agent, PostgreSQL, Redis
        said = told(demo, signal.SIGINT)
    assert known["people"]["admin"][0]["password"] in said
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE_S)
    assert not alive
    assert not (folder / "credentials.json").exists()
    with running("demo", **settings) as demo:
        assert ready(demo, folder) == known
        with agent(known) as bot:
            assert bot.get(f"/v1/items/{item}").json()["outcome"]["result"] == "approved"
            assert bot.post("/v1/items", json=REFUND, headers=KEY).json()["id"] == item
        psutil.Process(demo.pid).children()[0].kill()
        said, _ = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 1
    assert "A process of the demo has ended by itself" in said
    assert "exit: -9" in said


def use(known: dict[str, Any]) -> str:
    """Do what a newcomer's script does, with nothing but the credentials; return the item."""
    assert set(known) == {"url", "workspace", "agents", "people", "queues"}
    assert known["queues"] == ["refunds", "comments", "escalations"]
    counts = {role: len(people) for role, people in known["people"].items()}
    assert counts == {"reviewer": 3, "lead": 1, "admin": 1, "auditor": 1}
    for role in counts:
        with signed_in(known, role) as person:
            assert person.get("/v1/items").is_success
    with agent(known) as bot, signed_in(known) as mara:
        items = everything(mara)
        assert len(items) >= 40
        results = {one["outcome"]["result"] for one in items if one["outcome"]}
        assert {"approved", "approved_with_edits", "denied", "withdrawn"} <= results
        assert "agent" in {one["waiting_on"] for one in items}
        assert "escalations" in {one["queue"] for one in items}
        asked = bot.post("/v1/items", json=REFUND, headers=KEY)
        assert asked.status_code == 202, asked.text
        claim = mara.post("/v1/queues/refunds/claims", json={}).json()
        assert claim["item"] == asked.json()["id"]
        quoted = {name: claim[name] for name in ("epoch", "revision", "view")}
        decision = {**quoted, "verdict": "approve", "reason_codes": ["in_policy"]}
        decided = mara.post(f"/v1/items/{claim['item']}/decisions", json=decision)
        assert decided.status_code == 201, decided.text
        return claim["item"]
