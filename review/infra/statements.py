"""Statements that travel together: a round trip costs more than most statements do."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

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
    otherwise: Exception | None


@lru_cache(maxsize=64)
def clocked(sql: str) -> str:
    """Return a query that answers one row: the clock, and the first row of another, or nulls."""
    clock = "SELECT transaction_timestamp() AS now, asked.* FROM (VALUES (1)) AS once"
    return f"{clock} LEFT JOIN LATERAL ({sql}) AS asked ON true LIMIT 1"


@lru_cache(maxsize=512)
def together(*writes: Shape) -> str:
    """Return one statement that runs several INSERTs and counts the rows of each.

    What one has inserted into a table is `new_<table>` to those after it.

    >>> print(together(("INSERT INTO a SELECT $1", 1), ("INSERT INTO b SELECT $1", 1)))
    WITH new_a AS (INSERT INTO a SELECT $1 RETURNING *),
    new_b AS (INSERT INTO b SELECT $2 RETURNING *)
    SELECT (SELECT count(*) FROM new_a), (SELECT count(*) FROM new_b)
    """
    parts, counts, before = list[str](), list[str](), 0
    for sql, many in writes:
        name = f"new_{table_of(sql)}"
        parts.append(f"{name} AS ({_moved(sql, before).strip()} RETURNING *)")
        counts.append(f"(SELECT count(*) FROM {name})")  # noqa: S608 - constants
        before += many
    inserts = ",\n".join(parts)
    return f"WITH {inserts}\nSELECT {', '.join(counts)}"


def table_of(write: str) -> str:
    """Return the table an INSERT writes to.

    >>> table_of("INSERT INTO a (b) VALUES ($1)")
    'a'
    """
    return write.split(maxsplit=3)[2]


def _moved(sql: str, by: int) -> str:
    """Return a statement whose parameters begin behind those of others."""
    return re.sub(r"\$(\d+)", lambda found: f"${int(found[1]) + by}", sql)
