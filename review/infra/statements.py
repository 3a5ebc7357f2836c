"""Statements that travel together: a round trip costs more than most statements do."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from review.kernel.problems import Problem

Shape: TypeAlias = tuple[str, int]  # the text of a statement, and how many parameters it takes


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that somebody else will send."""

    sql: str
    args: tuple[object, ...]

    @property
    def shape(self) -> Shape:
        """What the statement is apart from its arguments."""
        return self.sql, len(self.args)


NOTHING = Statement("SELECT", ())


@dataclass(frozen=True, slots=True)
class Later:
    """A write that may wait, whom to wake if it touched a row, and what to say if it did not."""

    write: Statement
    wake: str | None
    otherwise: Problem | None

    @property
    def table(self) -> str:
        """The table it writes to."""
        return self.write.sql.split(maxsplit=3)[2]


@lru_cache(maxsize=64)
def clocked(sql: str) -> str:
    """Return a query that answers one row: the clock, and the first row of another, or nulls."""
    clock = "SELECT transaction_timestamp() AS now, asked.* FROM (VALUES (1)) AS once"
    return f"{clock} LEFT JOIN LATERAL ({sql}) AS asked ON true LIMIT 1"


@lru_cache(maxsize=512)
def together(*writes: Shape) -> str:
    """Return one statement that runs several INSERTs and counts the rows of each.

    >>> print(together(("INSERT INTO a SELECT $1", 1), ("INSERT INTO b SELECT $1", 1)))
    WITH w0 AS (INSERT INTO a SELECT $1 RETURNING 1), w1 AS (INSERT INTO b SELECT $2 RETURNING 1)
    SELECT (SELECT count(*) FROM w0), (SELECT count(*) FROM w1)
    """
    parts, counts, before = list[str](), list[str](), 0
    for place, (sql, many) in enumerate(writes):
        parts.append(f"w{place} AS ({_moved(sql, before).strip()} RETURNING 1)")
        counts.append(f"(SELECT count(*) FROM w{place})")  # noqa: S608 - constants
        before += many
    return f"WITH {', '.join(parts)}\nSELECT {', '.join(counts)}"


def _moved(sql: str, by: int) -> str:
    """Return a statement whose parameters begin behind those of others."""
    return re.sub(r"\$(\d+)", lambda found: f"${int(found[1]) + by}", sql)
