"""How a table is closed to other tenants, said once for every migration."""

from collections.abc import Sequence

from alembic import op

APP_ROLE = "review_app"

CREATE_ROLE = f"""
DO $$ BEGIN
  CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


def create_app_role() -> None:
    """Create the role the service runs as, and let the migrating user hand it out.

    Roles belong to the whole server, so another database may have created it already.
    """
    op.execute(CREATE_ROLE)
    op.execute(f"GRANT {APP_ROLE} TO CURRENT_USER")


def allow(table: str, verbs: str) -> None:
    """Let the application role do only this to a table."""
    op.execute(f"GRANT {verbs} ON {table} TO {APP_ROLE}")


def confine(tables: Sequence[str], verbs: str) -> None:
    """Show the application role only the rows of the workspace its transaction named."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {APP_ROLE} USING (workspace_id ="
            " nullif(current_setting('review.workspace', true), '')::uuid)"
        )
        allow(table, verbs)
