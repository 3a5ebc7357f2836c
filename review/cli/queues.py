"""review queue: what waits where, under which rules."""

import json
from typing import Any, TextIO

import click

from review.cli.operating import operate, workspace_option
from review.cli.plain import PlainGroup, table
from review.flows.arrange import configure_queue, open_queue, see_queues
from review.identity.actors import Actor
from review.infra.db import Tx
from review.kernel.problems import invalid
from review.queue.configuration import document_of
from review.queue.configuration_queries import Depth, Queue


@click.group(cls=PlainGroup)
def queue() -> None:
    """List, open and configure queues.

    A queue is described by a JSON document: who owns it, which kinds of items it takes, the
    verdicts and reasons of its decision form, its three clocks and the schemas of the arguments
    it will accept.

    The shortest that works:
      {"owner": "payments-ops", "kinds": ["approval"], "reasons": [],
       "verdicts": [
         {"name": "approve", "effect": "approve", "label": "Approve", "key": "a"},
         {"name": "reject", "effect": "reject", "label": "Reject", "key": "r"}]}
    """


@queue.command("list")
@workspace_option
def list_(workspace: str | None) -> None:
    """List the queues of a workspace and how full they are."""

    async def act(tx: Tx, operator: Actor) -> list[tuple[Queue, Depth]]:
        return await see_queues(tx, operator)

    rows = [
        [one.name, one.configuration.owner, one.version, depth.depth, depth.claimed, depth.oldest]
        for one, depth in operate(workspace, act)
    ]
    click.echo(table(["name", "owner", "version", "open", "claimed", "oldest"], rows))


@queue.command()
@click.argument("name")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@workspace_option
def create(name: str, file: TextIO, *, workspace: str | None) -> None:
    """Open a queue called NAME as FILE describes it; - is stdin.

    For example:
      review queue create refunds refunds.json
    """
    document = _read(file)

    async def act(tx: Tx, operator: Actor) -> Queue:
        return _whole(document, await open_queue(tx, operator, name, document))

    opened = operate(workspace, act)
    click.echo(f"The queue {opened.name} is open.", err=True)


@queue.command()
@click.argument("name")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@workspace_option
def configure(name: str, file: TextIO, *, workspace: str | None) -> None:
    """Give the queue NAME its next version, from FILE; items that wait keep theirs."""
    document = _read(file)

    async def act(tx: Tx, operator: Actor) -> Queue:
        return _whole(document, await configure_queue(tx, operator, name, document))

    changed = operate(workspace, act)
    click.echo(f"The queue {changed.name} is at version {changed.version}.", err=True)


def _read(file: TextIO) -> dict[str, Any]:
    """Return the JSON object a file holds."""
    try:
        document = json.load(file)
    except ValueError as error:
        raise click.BadParameter(f"{file.name} is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise click.BadParameter(f"{file.name} holds no JSON object.")
    return document  # pyright: ignore[reportUnknownVariableType]


def _whole(document: dict[str, Any], opened: Queue) -> Queue:
    """Return a queue whose configuration is all that its document says, or name what is unknown.

    Raises: InvalidRequest.
    """
    for pointer in unknown(document, document_of(opened.configuration)):
        raise invalid(pointer, "is not a field of a queue's configuration")
    return opened


def unknown(given: object, kept: object, pointer: str = "") -> list[str]:
    """Return where a document says something that was not kept.

    >>> unknown({"owner": "a", "onwer": "b", "reasons": [{"k": 1}]}, {"owner": "a", "reasons": []})
    ['/onwer']
    >>> unknown({"reasons": [{"code": "x", "lable": "X"}]}, {"reasons": [{"code": "x"}]})
    ['/reasons/0/lable']
    """
    found = list[str]()
    match given, kept:
        case dict(), dict():
            for name, value in given.items():  # pyright: ignore[reportUnknownVariableType]
                if name in kept:
                    found += unknown(value, kept[name], f"{pointer}/{name}")  # pyright: ignore[reportUnknownArgumentType]
                else:
                    found.append(f"{pointer}/{name}")
        case list(), list() | tuple():
            for place, (one, other) in enumerate(zip(given, kept, strict=False)):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
                found += unknown(one, other, f"{pointer}/{place}")  # pyright: ignore[reportUnknownArgumentType]
        case _:
            pass
    return found
