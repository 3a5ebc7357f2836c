"""Requests we have already answered."""

from sqlalchemy import Column, ForeignKeyConstraint, String, Uuid

from review.infra.schema import DOCUMENT, INSTANT, tenant_table

requests = tenant_table(
    "intake_requests",
    Column("agent_id", Uuid, primary_key=True),
    Column("key", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("receipt", DOCUMENT, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "agent_id"],
        ["identity_agents.workspace_id", "identity_agents.agent_id"],
    ),
)
