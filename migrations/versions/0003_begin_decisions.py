"""Begin decisions: what was shown to whom, and what they said.

Why: a vote quotes the view it was cast on.
Locks: none that matter; every table is new.
Order: after 0002; views and votes are never changed: the service may add them and read them.
Back: drops the tables and what is in them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import confine

revision = "0003"
down_revision = "0002"

INSTANT = sa.TIMESTAMP(timezone=True)
DOCUMENT = postgresql.JSONB
TEXTS = postgresql.ARRAY(sa.String)
TABLES = (
    "attention_views",
    "decisions_votes",
)


def upgrade() -> None:
    op.create_table(
        "attention_views",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("surface", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "item_id", "revision"],
            ["queue_revisions.workspace_id", "queue_revisions.item_id", "queue_revisions.revision"],
            name="attention_views_workspace_id_item_id_revision_fkey",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "view_id", name="attention_views_pkey"),
        sa.UniqueConstraint(
            "workspace_id",
            "view_id",
            "item_id",
            "revision",
            "epoch",
            "person_id",
            name="attention_views_whole_key",
        ),
    )
    op.create_index(
        "attention_views_item_idx", "attention_views", ["workspace_id", "item_id"], unique=False
    )
    op.create_table(
        "decisions_votes",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("vote_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason_codes", TEXTS, nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("answers", DOCUMENT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "item_id", "revision"],
            ["queue_revisions.workspace_id", "queue_revisions.item_id", "queue_revisions.revision"],
            name="decisions_votes_workspace_id_item_id_revision_fkey",
        ),
        sa.ForeignKeyConstraint(
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
        sa.PrimaryKeyConstraint("workspace_id", "vote_id", name="decisions_votes_pkey"),
    )
    op.create_index(
        "decisions_votes_one_per_epoch_idx",
        "decisions_votes",
        ["workspace_id", "item_id", "epoch"],
        unique=True,
    )
    confine(TABLES, "SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("decisions_votes")
    op.drop_table("attention_views")
