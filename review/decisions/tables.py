"""Votes: one person's verdict on one revision of one item, as they saw it."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, String, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from review.infra.schema import DOCUMENT, INSTANT, tenant_table

votes = tenant_table(
    "decisions_votes",
    Column("vote_id", Uuid, primary_key=True),
    Column("item_id", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("view_id", Uuid, nullable=False),
    Column("verdict", String, nullable=False),
    Column("reason_codes", ARRAY(String), nullable=False),
    Column("note", String),
    Column("answers", DOCUMENT, nullable=False),
    Column("at", INSTANT, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "item_id", "revision"],
        ["queue_revisions.workspace_id", "queue_revisions.item_id", "queue_revisions.revision"],
    ),
    # the view a vote quotes is of this revision, under this claim, and was this person's
    ForeignKeyConstraint(
        ["workspace_id", "view_id", "item_id", "revision", "epoch", "person_id"],
        [
            "attention_views.workspace_id",
            "attention_views.view_id",
            "attention_views.item_id",
            "attention_views.revision",
            "attention_views.epoch",
            "attention_views.person_id",
        ],
        name="decisions_votes_view_fkey",
    ),
    # one verdict per claim: a dead or reused epoch cannot speak twice
    Index(
        "decisions_votes_one_per_epoch_idx",
        "workspace_id",
        "item_id",
        "epoch",
        unique=True,
    ),
)
