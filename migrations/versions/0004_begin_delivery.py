"""Begin delivery: subscriptions, the outbox, every attempt to empty it.

Why: decisions are owed to whoever asked to hear of them.
Locks: none that matter; every table is new.
Order: after 0003; the worker asks `delivery_workspaces_due` where it is needed.
Back: drops the tables and what is in them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import confine

revision = "0004"
down_revision = "0003"

INSTANT = sa.TIMESTAMP(timezone=True)
DOCUMENT = postgresql.JSONB
TEXTS = postgresql.ARRAY(sa.String)
TABLES = (
    "delivery_subscriptions",
    "delivery_messages",
    "delivery_attempts",
)

DUE = """
CREATE FUNCTION delivery_workspaces_due(instant timestamptz) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT DISTINCT workspace_id FROM delivery_messages
      WHERE sent_at IS NULL AND dead_at IS NULL AND due_at <= instant $$
"""


def upgrade() -> None:
    op.create_table(
        "delivery_subscriptions",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("producer_id", sa.Uuid(), nullable=True),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("event_types", TEXTS, server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)",
            name="delivery_subscriptions_end_is_whole_check",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["identity_workspaces.workspace_id"],
            name="delivery_subscriptions_workspace_id_fkey",
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "subscription_id", name="delivery_subscriptions_pkey"
        ),
    )
    op.create_index(
        "delivery_subscriptions_live_idx",
        "delivery_subscriptions",
        ["workspace_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "delivery_messages",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("body", DOCUMENT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts_before", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("dead_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "sent_at IS NULL OR dead_at IS NULL", name="delivery_messages_sent_or_dead_check"
        ),
        sa.CheckConstraint(
            "attempts >= attempts_before", name="delivery_messages_attempts_add_up_check"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "subscription_id"],
            ["delivery_subscriptions.workspace_id", "delivery_subscriptions.subscription_id"],
            name="delivery_messages_workspace_id_subscription_id_fkey",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "message_id", name="delivery_messages_pkey"),
    )
    op.create_index(
        "delivery_messages_dead_idx",
        "delivery_messages",
        ["workspace_id", "message_id"],
        unique=False,
        postgresql_where=sa.text("dead_at IS NOT NULL"),
    )
    op.create_index(
        "delivery_messages_open_idx",
        "delivery_messages",
        ["workspace_id", "subscription_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL AND dead_at IS NULL"),
    )
    op.create_index(
        "delivery_messages_due_idx",
        "delivery_messages",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL AND dead_at IS NULL"),
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "message_id"],
            ["delivery_messages.workspace_id", "delivery_messages.message_id"],
            name="delivery_attempts_workspace_id_message_id_fkey",
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "message_id", "attempt", name="delivery_attempts_pkey"
        ),
    )
    confine(TABLES, "SELECT, INSERT, UPDATE")
    op.execute(DUE)


def downgrade() -> None:
    op.execute("DROP FUNCTION delivery_workspaces_due")
    op.drop_table("delivery_attempts")
    op.drop_table("delivery_messages")
    op.drop_table("delivery_subscriptions")
