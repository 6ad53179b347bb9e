"""
Migrations of large tables while people buy (R48): on PostgreSQL no statement here keeps a writer waiting for longer
than a moment. They need a migration that says `atomic = False`; whoever was interrupted starts it again.
"""

from collections.abc import Callable
from itertools import batched
from typing import Any

from django.db import migrations, models

AT_ONCE = 2_000


class AddIndexOnline(migrations.AddIndex):
    """Make an index beside the writers, instead of before them."""

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Make it; what an interrupted attempt left behind is made anew."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        _drop_index(schema_editor, self.index.name)
        schema_editor.add_index(model, self.index, concurrently=True)


class AddConstraintOnline(migrations.AddConstraint):
    """Promise something of all rows to come, and then look at those that are there while others write."""

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Add a check without looking and then look, or a unique index beside the writers."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        name, table = (schema_editor.quote_name(each) for each in (self.constraint.name, model._meta.db_table))
        statement = str(self.constraint.create_sql(model, schema_editor))
        if statement.startswith("CREATE UNIQUE INDEX "):
            _drop_index(schema_editor, self.constraint.name)
            schema_editor.execute(statement.replace("INDEX ", "INDEX CONCURRENTLY ", 1), params=None)
            return
        schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
        schema_editor.execute(f"{statement} NOT VALID", params=None)
        schema_editor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def add_trigram_index(name: str, table: str, column: str) -> migrations.RunPython:
    """Return the operation that indexes words within a text on PostgreSQL; elsewhere every row is looked at."""

    def forwards(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            _drop_index(schema_editor, name)
            index = f"CREATE INDEX CONCURRENTLY {name} ON {table} USING gin ({column} gin_trgm_ops)"
            schema_editor.execute(index)

    def backwards(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            _drop_index(schema_editor, name)

    return migrations.RunPython(forwards, backwards, atomic=False)


def fill(rows: models.QuerySet, field: str, value: Callable[[Any], Any]) -> None:
    """Write a field of rows, some at a time, so that none is locked for long."""
    for some in batched(rows.order_by("pk").iterator(chunk_size=AT_ONCE), AT_ONCE):
        for row in some:
            setattr(row, field, value(row))
        rows.model._default_manager.bulk_update(some, [field])


def _drop_index(schema_editor: Any, name: str) -> None:
    schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(name)}")
