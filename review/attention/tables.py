"""Views: what was put before whom, recorded before it was sent."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, String, UniqueConstraint, Uuid

from review.infra.schema import INSTANT, tenant_table

views = tenant_table(
    "attention_views",
    Column("view_id", Uuid, primary_key=True),
    Column("item_id", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("surface", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("at", INSTANT, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "item_id", "revision"],
        ["queue_revisions.workspace_id", "queue_revisions.item_id", "queue_revisions.revision"],
    ),
    # what a vote refers to
    UniqueConstraint(
        *("workspace_id", "view_id", "item_id", "revision", "epoch", "person_id"),
        name="attention_views_whole_key",
    ),
    Index("attention_views_item_idx", "workspace_id", "item_id"),
)
