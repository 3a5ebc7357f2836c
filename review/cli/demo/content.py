"""What the demo is furnished with: queues, items and their stories, written for it as JSON."""

import json
import re
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

AGO = re.compile(r"@-(\d+)")
KINDS = {"refunds": "approval", "comments": "moderation"}


@cache
def written(name: str) -> Any:  # noqa: ANN401 - a JSON document
    """Return one of the documents beside this file."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))


def seeds(now: datetime) -> list[dict[str, Any]]:
    """Return every item to begin with, who asks for it, and what people then do, in order."""
    found = list[dict[str, Any]]()
    for queue, kind in KINDS.items():
        for seed in dated(written(queue), now):
            due = {"due_in_s": seed["due_in_s"]} if "due_in_s" in seed else {}
            item = {"queue": queue, "kind": kind, **seed["item"], **due}
            found.append({"then": [], **seed, "item": item})
    return found


def dated(value: Any, now: datetime) -> Any:  # noqa: ANN401 - a JSON document
    """Return a document with its instants filled in: "@-60" was a minute ago.

    >>> from datetime import UTC
    >>> dated({"at": ["@-60", "@home"]}, datetime(2027, 1, 1, 12, tzinfo=UTC))
    {'at': ['2027-01-01T11:59:00+00:00', '@home']}

    Units: seconds.
    """
    if isinstance(value, dict):
        return {name: dated(inner, now) for name, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [dated(inner, now) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, str) and (ago := AGO.fullmatch(value)):
        return (now - timedelta(seconds=int(ago[1]))).isoformat()
    return value
