"""Subscriptions, the outbox, and every attempt to empty it."""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from review.infra.schema import DOCUMENT, EMPTY_LIST, INSTANT, tenant_table

subscriptions = tenant_table(
    "delivery_subscriptions",
    Column("subscription_id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False),
    Column("url", String, nullable=False),
    Column("event_types", ARRAY(String), nullable=False, server_default=EMPTY_LIST),
    Column("queue", String),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    ForeignKeyConstraint(["workspace_id"], ["identity_workspaces.workspace_id"]),
)

messages = tenant_table(
    "delivery_messages",
    Column("message_id", Uuid, primary_key=True),
    Column("subscription_id", Uuid, nullable=False),
    Column("item_id", Uuid),
    Column("type", String, nullable=False),
    Column("body", DOCUMENT, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("due_at", INSTANT, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("sent_at", INSTANT),
    Column("dead_at", INSTANT),
    ForeignKeyConstraint(
        ["workspace_id", "subscription_id"],
        ["delivery_subscriptions.workspace_id", "delivery_subscriptions.subscription_id"],
    ),
    Index(
        "delivery_messages_due_idx",
        "due_at",
        postgresql_where=text("sent_at IS NULL AND dead_at IS NULL"),
    ),
    Index(
        "delivery_messages_dead_idx",
        "workspace_id",
        "dead_at",
        postgresql_where=text("dead_at IS NOT NULL"),
    ),
)

attempts = tenant_table(
    "delivery_attempts",
    Column("message_id", Uuid, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("status", Integer),
    Column("error", String),
    Column("took_ms", Integer, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "message_id"],
        ["delivery_messages.workspace_id", "delivery_messages.message_id"],
    ),
)
