"""The one metadata every table hangs on, and how a tenant's table begins."""

from sqlalchemy import TIMESTAMP, Column, MetaData, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem, Table

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

INSTANT = TIMESTAMP(timezone=True)
DOCUMENT = JSONB(none_as_null=True)
EMPTY_LIST = text("'{}'::text[]")


def tenant_table(name: str, *items: SchemaItem) -> Table:
    """Declare a table whose primary key leads with the workspace.

    Foreign keys between such tables are composite, so no row can point across tenants, and the
    schema can be distributed on that one column (architecture decision 9).
    """
    return Table(
        name,
        metadata,
        Column("workspace_id", Uuid, primary_key=True, nullable=False),
        *items,
    )
