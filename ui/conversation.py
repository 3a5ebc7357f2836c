"""A conversation as it is read: each turn under the one it answers, nothing lost or repeated."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Turn:
    """One message; `depth` grows only where the conversation branches."""

    message: dict[str, Any]
    depth: int


def turns(messages: list[dict[str, Any]]) -> list[Turn]:
    """Return the tree in reading order; a turn whose parent is unknown begins anew.

    >>> talk = [{"id": "a", "parent": None}, {"id": "c", "parent": "b"}, {"id": "b", "parent": "a"}]
    >>> [(turn.message["id"], turn.depth) for turn in turns(talk)]
    [('a', 0), ('b', 0), ('c', 0)]
    >>> circle = [{"id": "x", "parent": "y"}, {"id": "y", "parent": "x"}]
    >>> [turn.message["id"] for turn in turns(circle)]
    ['x', 'y']
    """
    known = {message.get("id") for message in messages}
    children = defaultdict[Any, list[int]](list)
    for place, message in enumerate(messages):
        parent = message.get("parent")
        children[parent if parent in known and parent != message.get("id") else None].append(place)
    found, seen = list[Turn](), set[int]()

    def walk(starts: list[int]) -> None:
        waiting = [(place, 0) for place in reversed(starts)]
        while waiting:
            place, depth = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            found.append(Turn(messages[place], depth))
            below = children.get(messages[place].get("id"), [])
            deeper = depth + (len(below) > 1)
            waiting += [(child, deeper) for child in reversed(below)]

    walk(children[None])
    for place in range(len(messages)):  # what only answers itself is read last
        walk([place])
    return found
