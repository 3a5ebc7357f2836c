"""The append-only event log."""

from sqlalchemy import BigInteger, Column, Identity, Index, String, Uuid, text

from review.infra.schema import DOCUMENT, INSTANT, tenant_table

# `xid` is the transaction that wrote the row. Readers go in (xid, seq) order and stop at the oldest
# transaction still open, so an event that commits late is never skipped (see ADR 0004).
entries = tenant_table(
    "ledger_entries",
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "xid",
        BigInteger,
        nullable=False,
        server_default=text("(pg_current_xact_id()::text)::bigint"),
    ),
    Column("at", INSTANT, nullable=False),
    Column("type", String, nullable=False),
    Column("actor_kind", String, nullable=False),
    Column("actor_id", Uuid, nullable=False),
    Column("item_id", Uuid),
    Column("queue", String),
    Column("facts", DOCUMENT, nullable=False),
    Index("ledger_entries_stream_idx", "workspace_id", "xid", "seq"),
    Index(
        "ledger_entries_item_idx",
        "workspace_id",
        "item_id",
        "seq",
        postgresql_where=text("item_id IS NOT NULL"),
    ),
)
