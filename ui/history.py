"""What happened to an item, in words."""

from collections import defaultdict
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

WORDS: dict[str, str] = {
    Happening.ITEM_SUBMITTED: "asked {queue}",
    Happening.ITEM_JOINED: "asked for the same again and joined this item",
    Happening.ITEM_CLAIMED: "took it in hand",
    Happening.ITEM_RENEWED: "kept it in hand",
    Happening.ITEM_OPENED: "was shown revision {revision}",
    Happening.ITEM_VOTED: "voted {verdict} on revision {revision}",
    Happening.ITEM_ASKED: "asked the agent a question",
    Happening.ITEM_ANSWERED: "answered; that made revision {revision}",
    Happening.ITEM_REVISED: "changed the request; that made revision {revision}",
    Happening.ITEM_ESCALATED: "passed it on from {from_queue} to {queue}",
    Happening.ITEM_SETTLED: "settled it: {result}",
    Happening.ITEM_ACKNOWLEDGED: "picked the decision up",
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
    told = {name: str(fact).replace("_", " ") for name, fact in entry.facts.items()}
    if entry.type == Happening.ITEM_RELEASED:
        return "skipped it" if entry.facts.get("skipped") else "put it back"
    told["result"] = RESULTS.get(str(entry.facts.get("result")), "")
    told["queue"] = entry.queue or ""
    plain = entry.type.replace(".", " ").replace("_", " ")
    return WORDS.get(entry.type, plain).format_map(defaultdict(str, told))


def changed(newer: dict[str, object], older: dict[str, object]) -> list[str]:
    """Return the top-level fields in which two revisions differ.

    >>> changed({"a": 1, "b": 2}, {"a": 1, "c": 3})
    ['b', 'c']
    """
    gone = object()
    names = sorted({*newer, *older})
    return [name for name in names if newer.get(name, gone) != older.get(name, gone)]
