"""
Migrations of large tables while people buy (R48): on PostgreSQL no statement here keeps a writer waiting for longer
than a moment. They need a migration that says `atomic = False`; whoever was interrupted starts it again.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connections, migrations, models, transaction
from django.db.migrations.operations.base import Operation

AT_ONCE = 500
"""So many rows are written in one transaction."""

MOMENT = timedelta(milliseconds=200)
"""So long a change of a table waits for its lock, since all others wait behind it; too short to be a deadlock."""

PAUSE = timedelta(seconds=1)
"""So long the others have the table before it is tried again."""


class Gently(Operation):
    """
    Another operation, by itself and at a moment when nobody is in its way. Done once is done: when a migration is
    started again, what is there already is passed over.
    """

    reduces_to_sql = False
    atomic = False

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def describe(self) -> str:
        return self.operation.describe()

    def state_forwards(self, app_label: str, state: Any) -> None:
        self.operation.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Do it, as often as is needed to find a moment for it."""
        if not self._is_done(app_label, schema_editor.connection, to_state):
            change = self.operation.database_forwards
            _at_a_good_moment(schema_editor, lambda editor: change(app_label, editor, from_state, to_state))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Undo it in the same way."""
        change = self.operation.database_backwards
        _at_a_good_moment(schema_editor, lambda editor: change(app_label, editor, from_state, to_state))

    def _is_done(self, app_label: str, connection: Any, to_state: Any) -> bool:
        """A table, column or constraint is there or not; all else may be done twice."""
        look = connection.introspection
        with connection.cursor() as cursor:
            match self.operation:
                case migrations.CreateModel(name=name):
                    table = to_state.apps.get_model(app_label, name)._meta.db_table
                    return table in look.table_names(cursor)
                case migrations.AddField(model_name=name, name=field):
                    model = to_state.apps.get_model(app_label, name)
                    columns = {each.name for each in look.get_table_description(cursor, model._meta.db_table)}
                    return model._meta.get_field(field).column in columns
                case migrations.RemoveConstraint(model_name=name, name=constraint):
                    model = to_state.apps.get_model(app_label, name)
                    return constraint not in look.get_constraints(cursor, model._meta.db_table)
        return False


def _at_a_good_moment(schema_editor: Any, change: Callable[[Any], None]) -> None:
    """Change tables in one transaction, when nobody has them locked."""
    connection = schema_editor.connection
    while True:
        try:
            with transaction.atomic(using=connection.alias), connection.schema_editor(atomic=False) as editor:
                if connection.vendor == "postgresql":
                    editor.execute(f"SET LOCAL lock_timeout = {MOMENT // timedelta(milliseconds=1)}")
                change(editor)
            return
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != "55P03":  # lock_not_available
                raise
        time.sleep(PAUSE.total_seconds())


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
        quoted = schema_editor.quote_name
        name, table = quoted(self.constraint.name), quoted(model._meta.db_table)
        statement = str(self.constraint.create_sql(model, schema_editor))
        if statement.startswith("CREATE UNIQUE INDEX "):
            _drop_index(schema_editor, self.constraint.name)
            schema_editor.execute(statement.replace("INDEX ", "INDEX CONCURRENTLY ", 1), params=None)
            return

        def promise(editor: Any) -> None:
            editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
            editor.execute(f"{statement} NOT VALID", params=None)

        _at_a_good_moment(schema_editor, promise)
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
    """
    Write a field of the rows where it isn't right, some at a time. Rows that somebody else is writing are passed by,
    so that nobody waits: fill once more in the end.
    """
    last = 0
    while some := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last = some[-1].pk
        if wrong := [row.pk for row in some if getattr(row, field) != value(row)]:
            with transaction.atomic(using=rows.db):
                mine = rows.filter(pk__in=wrong).order_by("pk").select_for_update(no_key=True, skip_locked=True)
                _write(rows, field, [(value(row), row.pk) for row in mine])


def _write(rows: models.QuerySet, field: str, values: list[tuple[Any, int]]) -> None:
    """Row by row, but sent together: `bulk_update` builds an expression for each, which takes ten times as long."""
    options, connection = rows.model._meta, connections[rows.db]
    table, column, key = map(
        connection.ops.quote_name, (options.db_table, options.get_field(field).column, options.pk.column)
    )
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", values)  # noqa: S608 - quoted names


def _drop_index(schema_editor: Any, name: str) -> None:
    schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(name)}")
