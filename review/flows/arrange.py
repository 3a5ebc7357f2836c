"""Queues are opened and configured; every version is kept."""

from typing import Any

from review.identity.actors import Actor, Permission
from review.infra.db import Tx
from review.infra.ids import fresh_id
from review.intake.schemas import check_schema
from review.kernel.ids import QueueId
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.queue import configuration_queries as queues
from review.queue.configuration import configuration_of, document_of
from review.queue.configuration_queries import Queue


async def open_queue(tx: Tx, actor: Actor, name: str, document: dict[str, Any]) -> Queue:
    """Open a queue with its first configuration.

    Raises: NotPermitted, InvalidRequest, QueueExists.
    """
    actor.require(Permission.OPERATE)
    checked = checked_document(document)
    queue = QueueId(fresh_id())
    await queues.create(tx, queue, name, checked, by=actor.id)
    happened = Happened(Happening.QUEUE_CREATED, queue=name, facts={"version": 1})
    await ledger.append(tx, actor.principal, actor.id, happened)
    return await queues.named(tx, name)


async def configure_queue(tx: Tx, actor: Actor, name: str, document: dict[str, Any]) -> Queue:
    """Give a queue its next configuration; items that wait keep the one they came in under.

    Raises: NotPermitted, InvalidRequest, QueueMissing.
    """
    actor.require(Permission.OPERATE)
    target = await queues.named(tx, name)
    checked = checked_document(document)
    version = await queues.configure(tx, target.queue_id, checked, by=actor.id)
    happened = Happened(Happening.QUEUE_CONFIGURED, queue=name, facts={"version": version})
    await ledger.append(tx, actor.principal, actor.id, happened)
    return await queues.named(tx, name)


async def see_queues(tx: Tx, actor: Actor) -> list[tuple[Queue, queues.Depth]]:
    """Return every queue of the workspace with how full it is.

    Raises: NotPermitted.
    """
    actor.require(Permission.READ)
    return [(await queues.named(tx, one.name), one) for one in await queues.depths(tx)]


def checked_document(document: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration as it is kept, once all of it can be used.

    Raises: InvalidRequest.
    """
    configuration = configuration_of(document)
    for name, schema in configuration.argument_schemas.items():
        check_schema(schema, f"/argument_schemas/{name}")
    if configuration.content_schema is not None:
        check_schema(configuration.content_schema, "/content_schema")
    return document_of(configuration)
