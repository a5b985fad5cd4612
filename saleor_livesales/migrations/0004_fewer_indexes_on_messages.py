"""What each message costs: indexes that others begin with go, and a session's row has room to change in its place."""

import django.db.models.deletion
from django.db import migrations, models

# By name: Django, told to alter the field, drops every index of that column alone, and with it the one that keeps a
# visitor's open session single.
INDEXES = [
    ("saleor_livesales_entry_session_id_16b6a204", "saleor_livesales_entry", "session_id"),
    ("saleor_livesales_session_rep_id_2b8e7b0c", "saleor_livesales_session", "rep_id"),
    ("saleor_livesales_session_visitor_id_2699044e", "saleor_livesales_session", "visitor_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0003_indexes_for_lists"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f"DROP INDEX {name}", f"CREATE INDEX {name} ON {table} ({column})")
                for name, table, column in INDEXES
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="entry",
                    name="session",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="saleor_livesales.session",
                    ),
                ),
                migrations.AlterField(
                    model_name="session",
                    name="rep",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="saleor_livesales.rep",
                    ),
                ),
                migrations.AlterField(
                    model_name="session",
                    name="visitor",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="saleor_livesales.visitor",
                    ),
                ),
            ],
        ),
        # A message changes its session's row, none of whose indexed columns: with room in the page no index is touched.
        migrations.RunSQL(
            "ALTER TABLE saleor_livesales_session SET (fillfactor = 75)",
            "ALTER TABLE saleor_livesales_session RESET (fillfactor)",
        ),
    ]
