"""Values an agent sent, as rows a person can read: nested ones flattened, none left out silently."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from ui.inert import SUSPECT

MOST_ROWS = 400
LONG = 360  # characters before a value is folded; folded values say how long they are
LONG_LINES = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `kind` is text, number, flag, nothing, empty or group."""

    name: str
    depth: int
    kind: str
    text: str

    @property
    def long(self) -> bool:
        """Whether the value is folded until somebody asks for it."""
        return len(self.text) > LONG or self.text.count("\n") >= LONG_LINES

    @property
    def head(self) -> str:
        """The beginning of a long value."""
        return "\n".join(self.text[: LONG // 2].split("\n")[:3])


@dataclass(frozen=True, slots=True)
class Table:
    """Rows, and how many more there would be; the exact JSON has them all."""

    rows: list[Row]
    more: int


def table(value: object) -> Table:
    """Return a JSON value as rows.

    >>> [(row.name, row.depth, row.text) for row in table({"a": [1, {"b": ""}], "c": None}).rows]
    [('a', 0, '2 entries'), ('1', 1, '1'), ('2', 1, '1 field'), ('b', 2, 'empty text'), ('c', 0, 'null')]
    """
    rows = list(_rows(value))
    return Table(rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS))


def exact(value: object) -> str:
    """Return a JSON value as it was sent, indented."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def editable(value: object) -> str:
    """Return a JSON value for a text field: what cannot be seen in one is spelled as an escape.

    >>> print(editable({"to": "a\\u202eb"}))
    {
      "to": "a\\u202eb"
    }
    """
    return SUSPECT.sub(lambda found: json.dumps(found[0])[1:-1], exact(value))


def short(value: object) -> str:
    """Return a JSON value on one line; text stands without quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _rows(value: object, depth: int = 0) -> Iterator[Row]:
    if isinstance(value, dict):
        inner = list(cast("dict[str, Any]", value).items())
    elif isinstance(value, list):
        inner = [(str(place), one) for place, one in enumerate(cast("list[Any]", value), 1)]
    else:
        yield _leaf("value", value, depth)
        return
    for name, one in inner:
        if isinstance(one, dict | list) and one:
            yield Row(name, depth, "group", _size(cast("dict[str, Any] | list[Any]", one)))
            yield from _rows(cast("object", one), depth + 1)
        else:
            yield _leaf(name, one, depth)


def _size(value: dict[str, Any] | list[Any]) -> str:
    word = ("field", "fields") if isinstance(value, dict) else ("entry", "entries")
    return f"{len(value)} {word[len(value) != 1]}"


def _leaf(name: str, value: object, depth: int) -> Row:
    match value:
        case None:
            return Row(name, depth, "nothing", "null")
        case bool():
            return Row(name, depth, "flag", "true" if value else "false")
        case int() | float():
            return Row(name, depth, "number", json.dumps(value))
        case "":
            return Row(name, depth, "empty", "empty text")
        case str():
            return Row(name, depth, "text", value)
        case dict():
            return Row(name, depth, "empty", "empty object")
        case _:
            return Row(name, depth, "empty", "empty list")
