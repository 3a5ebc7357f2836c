"""Workspaces, people, agents, and how each proves who they are."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from review.infra.schema import EMPTY_LIST, INSTANT, metadata, tenant_table

workspaces = tenant_table(
    "identity_workspaces",
    Column("name", String, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    UniqueConstraint("name"),
)

people = tenant_table(
    "identity_people",
    Column("person_id", Uuid, primary_key=True),
    Column("email", String, nullable=False),
    Column("name", String, nullable=False),
    Column("roles", ARRAY(String), nullable=False, server_default=EMPTY_LIST),
    Column("skills", ARRAY(String), nullable=False, server_default=EMPTY_LIST),
    Column("created_at", INSTANT, nullable=False),
    Column("disabled_at", INSTANT),
    ForeignKeyConstraint(["workspace_id"], ["identity_workspaces.workspace_id"]),
)

agents = tenant_table(
    "identity_agents",
    Column("agent_id", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    ForeignKeyConstraint(["workspace_id"], ["identity_workspaces.workspace_id"]),
    UniqueConstraint("workspace_id", "name"),
)

credentials = tenant_table(
    "identity_credentials",
    Column("credential_id", Uuid, primary_key=True),
    Column("agent_id", Uuid, nullable=False),
    Column("prefix", String, nullable=False),
    Column("secret_digest", LargeBinary, nullable=False),
    Column("scopes", ARRAY(String), nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT),
    Column("revoked_at", INSTANT),
    ForeignKeyConstraint(
        ["workspace_id", "agent_id"],
        ["identity_agents.workspace_id", "identity_agents.agent_id"],
    ),
    UniqueConstraint("workspace_id", "prefix"),
)

sessions = tenant_table(
    "identity_sessions",
    Column("token_digest", LargeBinary, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("seen_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "person_id"],
        ["identity_people.workspace_id", "identity_people.person_id"],
    ),
    Index("identity_sessions_expires_at_idx", "expires_at"),
)

# The two tables below are read before anybody is known, so they belong to no workspace.

logins = Table(
    "identity_logins",
    metadata,
    Column("email", String, primary_key=True),
    Column("workspace_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("password_hash", String, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "person_id"],
        ["identity_people.workspace_id", "identity_people.person_id"],
    ),
    CheckConstraint("email = lower(email)", name="email_is_lower"),
)

throttles = Table(
    "identity_throttles",
    metadata,
    Column("subject", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("blocked_until", INSTANT, nullable=False),
)
