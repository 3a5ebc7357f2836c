"""What is waiting."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Sequence,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from review.infra.schema import DOCUMENT, EMPTY_LIST, INSTANT, metadata, tenant_table

decision_seq = Sequence("queue_decision_seq", metadata=metadata)

queues = tenant_table(
    "queue_queues",
    Column("queue_id", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    ForeignKeyConstraint(["workspace_id"], ["identity_workspaces.workspace_id"]),
    UniqueConstraint("workspace_id", "name"),
)

configurations = tenant_table(
    "queue_configurations",
    Column("queue_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", DOCUMENT, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "queue_id"], ["queue_queues.workspace_id", "queue_queues.queue_id"]
    ),
)

# An item is claimed while `claimed_until` lies ahead: a lease is data, so it ends by the clock and
# no job has to notice. `asked_at` is set while the agent owes an answer.
items = tenant_table(
    "queue_items",
    Column("item_id", Uuid, primary_key=True),
    Column("queue_id", Uuid, nullable=False),
    Column("configuration", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("title", String, nullable=False),
    Column("producer_id", Uuid, nullable=False),
    Column("delegated_by", String),
    Column("run_id", String),
    Column("language", String),
    Column("requires", ARRAY(String), nullable=False, server_default=EMPTY_LIST),
    Column("risk_tier", String),
    Column("digest", String, nullable=False),
    Column("action_digest", String),
    Column("revision", Integer, nullable=False),
    Column("supersedes_id", Uuid),
    Column("handover", String),  # what whoever passed it on wants the next person to know
    Column("hops", Integer, nullable=False, server_default=text("0")),
    Column("created_at", INSTANT, nullable=False),
    Column("sort_at", INSTANT, nullable=False),
    Column("due_at", INSTANT, nullable=False),
    Column("stale_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("on_expiry", String, nullable=False),
    Column("epoch", Integer, nullable=False, server_default=text("0")),
    Column("claimed_by", Uuid),
    Column("claimed_until", INSTANT),
    Column("asked_at", INSTANT),
    Column("question", String),
    Column("settled_at", INSTANT),
    Column("result", String),
    Column("cause", String),
    Column("settled_by", Uuid),
    Column("decision_seq", BigInteger),
    Column("outcome", DOCUMENT),
    Column("acknowledged_at", INSTANT),
    ForeignKeyConstraint(
        ["workspace_id", "queue_id", "configuration"],
        [
            "queue_configurations.workspace_id",
            "queue_configurations.queue_id",
            "queue_configurations.version",
        ],
    ),
    ForeignKeyConstraint(
        ["workspace_id", "producer_id"],
        ["identity_agents.workspace_id", "identity_agents.agent_id"],
    ),
    ForeignKeyConstraint(
        ["workspace_id", "supersedes_id"], ["queue_items.workspace_id", "queue_items.item_id"]
    ),
    CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name="claim_is_whole"),
    CheckConstraint("settled_at IS NULL OR claimed_by IS NULL", name="settled_is_free"),
    CheckConstraint("asked_at IS NULL OR claimed_by IS NULL", name="asked_is_free"),
    CheckConstraint("(asked_at IS NULL) = (question IS NULL)", name="question_is_whole"),
    CheckConstraint(
        "num_nulls(settled_at, result, cause, settled_by, decision_seq, outcome) IN (0, 6)",
        name="outcome_is_whole",
    ),
    CheckConstraint("result <> 'denied' OR cause = 'human'", name="only_people_deny"),
    CheckConstraint("result <> 'expired' OR cause <> 'human'", name="only_time_expires"),
    CheckConstraint("due_at <= expires_at", name="due_before_expiry"),
    # Each partial index asks for one thing more than being open, so that only the statements it is
    # meant for can use it: without fresh statistics the planner takes open items to be rare, and
    # would look one up by reading all of them.
    # the items of a queue that wait for people, in the order they are served
    Index(
        "queue_items_waiting_idx",
        "workspace_id",
        "queue_id",
        "sort_at",
        "item_id",
        postgresql_where=text("settled_at IS NULL AND asked_at IS NULL"),
    ),
    # those that wait for their agent
    Index(
        "queue_items_asked_idx",
        "workspace_id",
        "queue_id",
        postgresql_where=text("asked_at IS NOT NULL"),
    ),
    # the same action of the same agent waits once, in whatever queue it has come to by now
    Index(
        "queue_items_open_action_idx",
        "workspace_id",
        "producer_id",
        "action_digest",
        unique=True,
        postgresql_where=text("settled_at IS NULL AND action_digest IS NOT NULL"),
    ),
    # whose hands are how full
    Index(
        "queue_items_held_idx",
        "workspace_id",
        "claimed_by",
        postgresql_where=text("claimed_by IS NOT NULL"),
    ),
    # what the clock must settle next, in every workspace
    Index(
        "queue_items_expiring_idx",
        "expires_at",
        postgresql_where=text("settled_at IS NULL AND expires_at IS NOT NULL"),
    ),
    Index(
        "queue_items_run_idx",
        "workspace_id",
        "run_id",
        postgresql_where=text("run_id IS NOT NULL"),
    ),
)

revisions = tenant_table(
    "queue_revisions",
    Column("item_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("parent", Integer),
    Column("payload", DOCUMENT, nullable=False),
    Column("digest", String, nullable=False),
    Column("action_digest", String),
    Column("author_kind", String, nullable=False),
    Column("author_id", Uuid, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "item_id"], ["queue_items.workspace_id", "queue_items.item_id"]
    ),
    ForeignKeyConstraint(
        ["workspace_id", "item_id", "parent"],
        ["queue_revisions.workspace_id", "queue_revisions.item_id", "queue_revisions.revision"],
    ),
)

skips = tenant_table(
    "queue_skips",
    Column("item_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("reason", String, nullable=False),
    Column("at", INSTANT, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "item_id"], ["queue_items.workspace_id", "queue_items.item_id"]
    ),
)
