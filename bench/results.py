"""Results: a value beside its target, printed as a table and kept as a file."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

LATEST = Path(__file__).parent / "latest.json"
PACKAGES = ("litestar", "uvicorn", "uvloop", "httptools", "asyncpg", "pydantic", "arq")


@dataclass(frozen=True, slots=True)
class Target:
    """What is aimed at, and what must not be missed; whether less is better."""

    value: float
    bound: float
    unit: str
    less: bool = False


TARGETS = {
    "submit_vs_http_floor": Target(0.6, 0.4, "ratio"),
    "submit_vs_pgbench": Target(0.20, 0.12, "ratio"),
    "batch_vs_unnest": Target(0.30, 0.15, "ratio"),
    "decide_loop_vs_floor": Target(0.30, 0.15, "ratio"),
    "handed_out_twice": Target(0, 0, "items", less=True),
    "notify_p50_ms": Target(10, 20, "ms", less=True),
    "notify_p99_ms": Target(50, 100, "ms", less=True),
    "job_start_p50_ms": Target(15, 50, "ms", less=True),
    "web_rss_mb": Target(150, 220, "MiB", less=True),
}


@dataclass(frozen=True, slots=True)
class Result:
    """One number, or why there is none."""

    name: str
    value: float | None
    detail: str

    @property
    def target(self) -> Target:
        """What this number is held against."""
        return TARGETS[self.name]

    def verdict(self) -> str:
        """Say how the number stands to its target."""
        if self.value is None:
            return "skipped"
        sign = -1 if self.target.less else 1
        if sign * self.value >= sign * self.target.value:
            return "met"
        return "within bounds" if sign * self.value >= sign * self.target.bound else "MISSED"


def machine() -> str:
    """Say what this ran on."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}"


def table(results: Iterable[Result]) -> str:
    """Return the results as a table for people."""
    rows = [("", "value", "target", "not past", "")]
    for one in results:
        value = "-" if one.value is None else f"{one.value:.3g}"
        target = one.target
        aims = (f"{target.value:g}", f"{target.bound:g} {target.unit}")
        rows.append((one.name, value, *aims, one.verdict()))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.rjust(width) if 0 < place < len(row) - 1 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join(lines)


def keep(results: Iterable[Result], ran_on: str) -> None:
    """Write the results where programs read them."""
    document = {
        one.name: {
            "value": one.value,
            "target": one.target.value,
            "unit": one.target.unit,
            "detail": f"{one.detail}; {ran_on}",
        }
        for one in results
    }
    LATEST.write_text(json.dumps(document, indent=2) + "\n")
