"""Begin the ledger: the append-only event log.

Why: history, audit, live updates and replay read one stream.
Locks: none that matter; every table is new.
Order: after 0004; append-only is a grant: the service may insert and read, nothing else.
Back: drops the tables and what is in them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import confine

revision = "0005"
down_revision = "0004"

INSTANT = sa.TIMESTAMP(timezone=True)
DOCUMENT = postgresql.JSONB
TABLES = ("ledger_entries",)


def upgrade() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "xid",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("facts", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "seq", name="ledger_entries_pkey"),
    )
    op.create_index(
        "ledger_entries_item_idx",
        "ledger_entries",
        ["workspace_id", "item_id", "seq"],
        unique=False,
        postgresql_where=sa.text("item_id IS NOT NULL"),
    )
    op.create_index(
        "ledger_entries_stream_idx", "ledger_entries", ["workspace_id", "xid", "seq"], unique=False
    )
    confine(TABLES, "SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("ledger_entries")
