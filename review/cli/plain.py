"""How commands speak: tables on stdout, refusals as a sentence and its facts on stderr."""

import inspect
import json
import sys
import textwrap
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO, Any, cast

import click

from review.kernel.problems import Problem


class Refused(click.ClickException):
    """A problem, as a person at a terminal reads it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence())
        self.problem = problem

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence, then every fact on a line of its own."""
        out = file or sys.stderr
        click.echo(f"review: {self.problem.sentence()}", file=out)
        for name, value in spelled(self.problem.facts):
            click.echo(f"  {name}: {value}", file=out)


class PlainCommand(click.Command):
    """A command whose help is its docstring, line by line as it was written."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the docstring; click would wrap its examples."""
        _ = ctx
        text = textwrap.indent(inspect.cleandoc(self.help or ""), "  ")
        formatter.write(f"\n{text}\n")


class PlainGroup(PlainCommand, click.Group):
    """A group whose commands may raise problems: exit code 1, and no traceback."""

    command_class = PlainCommand

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - whatever the command returns
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise Refused(problem) from problem


def spelled(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Return a problem's facts as lines: wrong fields one by one, what is not said left out.

    >>> spelled({"errors": [{"pointer": "/name", "message": "is empty"}], "agent": None})
    [('/name', 'is empty')]
    >>> spelled({"tables": ["a", "b"], "limit": 3})
    [('tables', 'a, b'), ('limit', '3')]
    """
    lines = list[tuple[str, str]]()
    for name, value in facts.items():
        if name == "errors":
            lines += [(one["pointer"], one["message"]) for one in value]
        elif value is not None:
            lines.append((name, spell(value)))
    return lines


def spell(value: object) -> str:
    """Return one value as it stands in a table: lists by commas, instants to the second.

    >>> spell(["lead", "reviewer"]), spell(None), spell({"a": 1})
    ('lead, reviewer', '-', '{"a": 1}')
    """
    match value:
        case None:
            return "-"
        case str():
            return value
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%SZ")
        case list() | tuple():
            return ", ".join(map(str, cast("Sequence[object]", value))) or "-"
        case dict():
            return json.dumps(value, default=str)
        case _:
            return str(value)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], indent: str = "") -> str:
    """Return rows in columns.

    >>> print(table(["name", "depth"], [["refunds", 3], ["x", None]]))
    name     depth
    refunds  3
    x        -
    """
    cells = [list(heads), *([spell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    lines = [
        indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    ]
    return "\n".join(line.rstrip() for line in lines)
