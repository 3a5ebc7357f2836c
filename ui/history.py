"""What happened to an item, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from review.flows.browse import Names
from review.ledger.events import Entry, Happening


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline: when, who, what, and how often in a row."""

    seq: int
    at: datetime
    who: str
    kind: str
    what: str
    type: str
    times: int = 1


RESULTS = {
    "approved": "approved",
    "approved_with_edits": "approved with edits",
    "denied": "denied",
    "answered": "answered",
    "expired": "expired",
    "withdrawn": "withdrawn",
    "superseded": "replaced by a newer request",
}


def timeline(entries: Iterable[Entry], names: Names) -> list[Line]:
    """Return a history oldest first; renewals and looks in a row are one line."""
    lines = list[Line]()
    for entry in entries:
        line = Line(
            entry.seq,
            entry.at,
            names.get(entry.actor_id, entry.actor_kind),
            entry.actor_kind,
            words_for(entry),
            entry.type,
        )
        last = lines[-1] if lines else None
        repeated = entry.type in (Happening.ITEM_RENEWED, Happening.ITEM_OPENED)
        if repeated and last is not None and (last.type, last.who) == (line.type, line.who):
            lines[-1] = Line(
                last.seq, last.at, last.who, last.kind, last.what, last.type, last.times + 1
            )
        else:
            lines.append(line)
    return lines


def words_for(entry: Entry) -> str:
    """Say what one ledger entry means."""
    facts = entry.facts
    match entry.type:
        case Happening.ITEM_SUBMITTED:
            return f"asked {entry.queue}"
        case Happening.ITEM_JOINED:
            return "asked for the same again and joined this item"
        case Happening.ITEM_CLAIMED:
            return "took it in hand"
        case Happening.ITEM_RENEWED:
            return "kept it in hand"
        case Happening.ITEM_RELEASED:
            return "skipped it" if facts.get("skipped") else "put it back"
        case Happening.ITEM_OPENED:
            return f"was shown revision {facts.get('revision')}"
        case Happening.ITEM_VOTED:
            verdict = str(facts.get("verdict", "")).replace("_", " ")
            return f"voted {verdict} on revision {facts.get('revision')}"
        case Happening.ITEM_ASKED:
            return "asked the agent a question"
        case Happening.ITEM_ANSWERED:
            return f"answered; that made revision {facts.get('revision')}"
        case Happening.ITEM_REVISED:
            return f"changed the request; that made revision {facts.get('revision')}"
        case Happening.ITEM_ESCALATED:
            return f"passed it on from {facts.get('from_queue')} to {entry.queue}"
        case Happening.ITEM_SETTLED:
            result = RESULTS.get(str(facts.get("result")), str(facts.get("result")))
            return f"settled it: {result}"
        case Happening.ITEM_ACKNOWLEDGED:
            return "picked the decision up"
        case _:
            return entry.type.replace(".", " ").replace("_", " ")


def changed(newer: dict[str, object], older: dict[str, object]) -> list[str]:
    """Return the top-level fields in which two revisions differ.

    >>> changed({"a": 1, "b": 2}, {"a": 1, "c": 3})
    ['b', 'c']
    """
    gone = object()
    names = sorted({*newer, *older})
    return [name for name in names if newer.get(name, gone) != older.get(name, gone)]
