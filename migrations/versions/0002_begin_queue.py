"""Begin the queue: queues, items, revisions, skips, and requests already answered.

Why: an agent asks and the item waits.
Locks: none that matter; every table is new.
Order: after 0001; `queue_workspaces_expiring` tells the worker where it is needed.
Back: drops the tables and what is in them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import confine

revision = "0002"
down_revision = "0001"

INSTANT = sa.TIMESTAMP(timezone=True)
DOCUMENT = postgresql.JSONB
TEXTS = postgresql.ARRAY(sa.String)
TABLES = (
    "queue_queues",
    "queue_configurations",
    "queue_items",
    "queue_revisions",
    "queue_skips",
    "intake_requests",
)

EXPIRING = """
CREATE FUNCTION queue_workspaces_expiring(instant timestamptz) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT DISTINCT workspace_id FROM queue_items
      WHERE settled_at IS NULL AND expires_at <= instant $$
"""


def upgrade() -> None:
    op.execute("CREATE SEQUENCE queue_decision_seq")
    op.create_table(
        "queue_queues",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["identity_workspaces.workspace_id"],
            name="queue_queues_workspace_id_fkey",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "queue_id", name="queue_queues_pkey"),
        sa.UniqueConstraint("workspace_id", "name", name="queue_queues_workspace_id_name_key"),
    )
    op.create_table(
        "intake_requests",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("receipt", DOCUMENT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "agent_id"],
            ["identity_agents.workspace_id", "identity_agents.agent_id"],
            name="intake_requests_workspace_id_agent_id_fkey",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "agent_id", "key", name="intake_requests_pkey"),
    )
    op.create_table(
        "queue_configurations",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "queue_id"],
            ["queue_queues.workspace_id", "queue_queues.queue_id"],
            name="queue_configurations_workspace_id_queue_id_fkey",
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "queue_id", "version", name="queue_configurations_pkey"
        ),
    )
    op.create_table(
        "queue_items",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("configuration", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("producer_id", sa.Uuid(), nullable=False),
        sa.Column("delegated_by", sa.String(), nullable=True),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("requires", TEXTS, server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("risk_tier", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("action_digest", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("handover", sa.String(), nullable=True),
        sa.Column("hops", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sort_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("stale_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("on_expiry", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", INSTANT, nullable=True),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("question", sa.String(), nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("decision_seq", sa.BigInteger(), nullable=True),
        sa.Column("outcome", DOCUMENT, nullable=True),
        sa.Column("acknowledged_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "result <> 'denied' OR cause = 'human'", name="queue_items_only_people_deny_check"
        ),
        sa.CheckConstraint(
            "result <> 'expired' OR cause <> 'human'", name="queue_items_only_time_expires_check"
        ),
        sa.CheckConstraint(
            "(asked_at IS NULL) = (question IS NULL)", name="queue_items_question_is_whole_check"
        ),
        sa.CheckConstraint(
            "(claimed_by IS NULL) = (claimed_until IS NULL)",
            name="queue_items_claim_is_whole_check",
        ),
        sa.CheckConstraint(
            "asked_at IS NULL OR claimed_by IS NULL", name="queue_items_asked_is_free_check"
        ),
        sa.CheckConstraint("due_at <= expires_at", name="queue_items_due_before_expiry_check"),
        sa.CheckConstraint(
            "num_nulls(settled_at, result, cause, settled_by, decision_seq, outcome) IN (0, 6)",
            name="queue_items_outcome_is_whole_check",
        ),
        sa.CheckConstraint(
            "settled_at IS NULL OR claimed_by IS NULL", name="queue_items_settled_is_free_check"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "producer_id"],
            ["identity_agents.workspace_id", "identity_agents.agent_id"],
            name="queue_items_workspace_id_producer_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "queue_id", "configuration"],
            [
                "queue_configurations.workspace_id",
                "queue_configurations.queue_id",
                "queue_configurations.version",
            ],
            name="queue_items_workspace_id_queue_id_configuration_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "supersedes_id"],
            ["queue_items.workspace_id", "queue_items.item_id"],
            name="queue_items_workspace_id_supersedes_id_fkey",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "item_id", name="queue_items_pkey"),
    )
    op.create_index(
        "queue_items_asked_idx",
        "queue_items",
        ["workspace_id", "queue_id"],
        unique=False,
        postgresql_where=sa.text("asked_at IS NOT NULL"),
    )
    op.create_index(
        "queue_items_expiring_idx",
        "queue_items",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL AND expires_at IS NOT NULL"),
    )
    op.create_index(
        "queue_items_held_idx",
        "queue_items",
        ["workspace_id", "claimed_by"],
        unique=False,
        postgresql_where=sa.text("claimed_by IS NOT NULL"),
    )
    op.create_index(
        "queue_items_open_action_idx",
        "queue_items",
        ["workspace_id", "producer_id", "action_digest"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL AND action_digest IS NOT NULL"),
    )
    op.create_index(
        "queue_items_run_idx",
        "queue_items",
        ["workspace_id", "run_id"],
        unique=False,
        postgresql_where=sa.text("run_id IS NOT NULL"),
    )
    op.create_index(
        "queue_items_waiting_idx",
        "queue_items",
        ["workspace_id", "queue_id", "sort_at", "item_id"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL AND asked_at IS NULL"),
    )
    op.create_table(
        "queue_revisions",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("payload", DOCUMENT, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("action_digest", sa.String(), nullable=True),
        sa.Column("author_kind", sa.String(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "item_id", "parent"],
            ["queue_revisions.workspace_id", "queue_revisions.item_id", "queue_revisions.revision"],
            name="queue_revisions_workspace_id_item_id_parent_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "item_id"],
            ["queue_items.workspace_id", "queue_items.item_id"],
            name="queue_revisions_workspace_id_item_id_fkey",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "item_id", "revision", name="queue_revisions_pkey"),
    )
    op.create_table(
        "queue_skips",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "item_id"],
            ["queue_items.workspace_id", "queue_items.item_id"],
            name="queue_skips_workspace_id_item_id_fkey",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "item_id", "person_id", name="queue_skips_pkey"),
    )
    confine(TABLES, "SELECT, INSERT, UPDATE")
    op.execute("GRANT USAGE ON SEQUENCE queue_decision_seq TO review_app")
    op.execute(EXPIRING)


def downgrade() -> None:
    op.execute("DROP FUNCTION queue_workspaces_expiring")
    op.drop_table("queue_skips")
    op.drop_table("queue_revisions")
    op.drop_table("queue_items")
    op.drop_table("queue_configurations")
    op.drop_table("intake_requests")
    op.drop_table("queue_queues")
    op.execute("DROP SEQUENCE queue_decision_seq")
