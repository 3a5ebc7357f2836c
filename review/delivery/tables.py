"""Subscriptions, the outbox, and every attempt to empty it."""

from sqlalchemy import (
    CheckConstraint,
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
    Column("producer_id", Uuid),  # hears of this agent's items alone; without one, of all
    Column("url", String, nullable=False),
    Column("event_types", ARRAY(String), nullable=False, server_default=EMPTY_LIST),
    Column("queue", String),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    Column("end_reason", String),
    ForeignKeyConstraint(["workspace_id"], ["identity_workspaces.workspace_id"]),
    CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_is_whole"),
    # whom to tell
    Index(
        "delivery_subscriptions_live_idx", "workspace_id", postgresql_where=text("ended_at IS NULL")
    ),
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
    # those made before the last replay, which began the schedule anew
    Column("attempts_before", Integer, nullable=False, server_default=text("0")),
    Column("sent_at", INSTANT),
    Column("dead_at", INSTANT),
    ForeignKeyConstraint(
        ["workspace_id", "subscription_id"],
        ["delivery_subscriptions.workspace_id", "delivery_subscriptions.subscription_id"],
    ),
    CheckConstraint("sent_at IS NULL OR dead_at IS NULL", name="sent_or_dead"),
    CheckConstraint("attempts >= attempts_before", name="attempts_add_up"),
    # what the worker must send next, in every workspace
    Index(
        "delivery_messages_due_idx",
        "due_at",
        postgresql_where=text("sent_at IS NULL AND dead_at IS NULL"),
    ),
    # the same by subscriber, so that one who does not answer holds up nobody else
    Index(
        "delivery_messages_open_idx",
        "workspace_id",
        "subscription_id",
        "due_at",
        postgresql_where=text("sent_at IS NULL AND dead_at IS NULL"),
    ),
    # the list of what was given up, newest first
    Index(
        "delivery_messages_dead_idx",
        "workspace_id",
        "message_id",
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
