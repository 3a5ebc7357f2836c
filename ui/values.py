"""Values an agent sent, as rows to read: nested ones flattened, none left out silently."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from ui.inert import SUSPECT

EMPTY = {"": "empty text", "{}": "empty object", "[]": "empty list"}
MOST_ROWS = 400
LONG = 360  # characters before a value is folded; folded values say how long they are
LONG_LINES = 8
MOST_COLUMNS, MOST_LINES, LONGEST_CELL = 5, 40, 80  # of a list that is shown as a small table


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `kind` is text, number, flag, nothing, empty, group or grid.

    A grid is a list of plain values or of like objects: `columns` names their fields, `cells` holds
    a line for each.
    """

    name: str
    depth: int
    kind: str
    text: str
    columns: tuple[str, ...] = ()
    cells: "tuple[tuple[Row, ...], ...]" = ()

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

    >>> [(row.name, row.depth, row.text) for row in table({"a": [1, {"b": ""}]}).rows]
    [('a', 0, '2 entries'), ('1', 1, '1'), ('2', 1, '1 field'), ('b', 2, 'empty text')]
    >>> [(row.kind, row.columns) for row in table({"a": [{"b": 1}, {"b": 2}], "c": [1]}).rows]
    [('grid', ('b',)), ('grid', ())]
    """
    rows = list(_rows(value))
    return Table(rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS))


def exact(value: object) -> str:
    """Return a JSON value as it was sent, indented."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def structure(text: str) -> object:
    """Return what a text spells where it is a JSON object or list, and None where it is only text.

    A text that two parsers could read differently stays text.

    >>> structure('{"a": 1}'), structure("[1]"), structure("1"), structure('{"a": 1, "a": 2}')
    ({'a': 1}, [1], None, None)
    """
    if text[:1] not in {"{", "["}:
        return None
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return dict(pairs)


def editable(value: object) -> str:
    r"""Return a JSON value for a text field: what cannot be seen in one is spelled as an escape.

    >>> editable(["a\u202eb"])
    '[\n  "a\\u202eb"\n]'
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
        grid = _grid(name, cast("object", one), depth)
        if grid is not None:
            yield grid
        elif one and isinstance(one, dict | list):
            yield Row(name, depth, "group", _size(cast("dict[str, Any] | list[Any]", one)))
            yield from _rows(cast("object", one), depth + 1)
        else:
            yield _leaf(name, cast("object", one), depth)


def _grid(name: str, value: object, depth: int) -> Row | None:
    """Return a list as one line where all of it fits a small table, and None where it does not."""
    if not isinstance(value, list) or not 0 < len(cast("list[Any]", value)) <= MOST_LINES:
        return None
    lines = cast("list[Any]", value)
    columns = tuple(cast("dict[str, Any]", lines[0])) if isinstance(lines[0], dict) else ()
    if len(columns) > MOST_COLUMNS:
        return None
    cells = list[tuple[Row, ...]]()
    for line in lines:
        fields = cast("dict[str, Any]", line) if isinstance(line, dict) else {"": line}
        plain = not any(isinstance(one, dict | list) for one in fields.values())
        if not plain or tuple(fields) != (columns or ("",)):
            return None
        cells.append(tuple(_leaf(column, one, 0) for column, one in fields.items()))
    if any(len(cell.text) > LONGEST_CELL for line in cells for cell in line):
        return None
    return Row(name, depth, "grid", _size(lines), columns, tuple(cells))


def _size(value: dict[str, Any] | list[Any]) -> str:
    word = ("field", "fields") if isinstance(value, dict) else ("entry", "entries")
    return f"{len(value)} {word[len(value) != 1]}"


def _leaf(name: str, value: object, depth: int) -> Row:
    empty = EMPTY.get(str(value)) if value in ("", {}, []) else None
    if empty is not None:
        return Row(name, depth, "empty", empty)
    if isinstance(value, str):
        return Row(name, depth, "text", value)
    kind = "nothing" if value is None else "flag" if isinstance(value, bool) else "number"
    return Row(name, depth, kind, json.dumps(value))
