"""Begin with identity: workspaces, people, agents, and how each proves who they are.

Why: everything else belongs to a workspace and is done by somebody.
Locks: none that matter; every table is new.
Order: first; logins and throttles are read before anybody is known, so no workspace confines them.
Back: drops the tables and what is in them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import allow, confine, create_app_role

revision = "0001"
down_revision = None

INSTANT = sa.TIMESTAMP(timezone=True)
TEXTS = postgresql.ARRAY(sa.String)
TABLES = (
    "identity_workspaces",
    "identity_people",
    "identity_agents",
    "identity_credentials",
    "identity_sessions",
)


def upgrade() -> None:
    create_app_role()
    allow("alembic_version", "SELECT")  # so that the service can tell a schema that is behind
    op.create_table(
        "identity_throttles",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("blocked_until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="identity_throttles_pkey"),
    )
    op.create_table(
        "identity_workspaces",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="identity_workspaces_pkey"),
        sa.UniqueConstraint("name", name="identity_workspaces_name_key"),
    )
    op.create_table(
        "identity_agents",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["identity_workspaces.workspace_id"],
            name="identity_agents_workspace_id_fkey",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "agent_id", name="identity_agents_pkey"),
        sa.UniqueConstraint("workspace_id", "name", name="identity_agents_workspace_id_name_key"),
    )
    op.create_table(
        "identity_people",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", TEXTS, server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("skills", TEXTS, server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("disabled_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["identity_workspaces.workspace_id"],
            name="identity_people_workspace_id_fkey",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "person_id", name="identity_people_pkey"),
    )
    op.create_table(
        "identity_credentials",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", TEXTS, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "agent_id"],
            ["identity_agents.workspace_id", "identity_agents.agent_id"],
            name="identity_credentials_workspace_id_agent_id_fkey",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "credential_id", name="identity_credentials_pkey"),
        sa.UniqueConstraint(
            "workspace_id", "prefix", name="identity_credentials_workspace_id_prefix_key"
        ),
    )
    op.create_table(
        "identity_logins",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name="identity_logins_email_is_lower_check"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "person_id"],
            ["identity_people.workspace_id", "identity_people.person_id"],
            name="identity_logins_workspace_id_person_id_fkey",
        ),
        sa.PrimaryKeyConstraint("email", name="identity_logins_pkey"),
    )
    op.create_table(
        "identity_sessions",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "person_id"],
            ["identity_people.workspace_id", "identity_people.person_id"],
            name="identity_sessions_workspace_id_person_id_fkey",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "token_digest", name="identity_sessions_pkey"),
    )
    op.create_index(
        "identity_sessions_expires_at_idx", "identity_sessions", ["expires_at"], unique=False
    )
    confine(TABLES, "SELECT, INSERT, UPDATE, DELETE")
    for directory in ("identity_logins", "identity_throttles"):
        allow(directory, "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.drop_table("identity_sessions")
    op.drop_table("identity_logins")
    op.drop_table("identity_credentials")
    op.drop_table("identity_people")
    op.drop_table("identity_agents")
    op.drop_table("identity_workspaces")
    op.drop_table("identity_throttles")
