"""Decisions are kept by month: dropping a month is dropping a table.

Django's state knows one table with one key, which is how the code uses it; in the database the key includes ``at``, as
PostgreSQL asks of a partitioned table. The months' partitions are made by ``offers.partitions``; what falls outside
them lands in the default one and is never refused.
"""

from django.db import migrations

FORWARDS = """
ALTER TABLE saleor_livesales_decision RENAME TO saleor_livesales_decision_plain;
DROP INDEX livesales_decision_visitor;
CREATE TABLE saleor_livesales_decision (
    LIKE saleor_livesales_decision_plain INCLUDING DEFAULTS, PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX livesales_decision_visitor ON saleor_livesales_decision (visitor_id, at DESC);
CREATE TABLE saleor_livesales_decision_default PARTITION OF saleor_livesales_decision DEFAULT;
INSERT INTO saleor_livesales_decision SELECT * FROM saleor_livesales_decision_plain;
DROP TABLE saleor_livesales_decision_plain;
"""

BACKWARDS = """
CREATE TABLE saleor_livesales_decision_plain (
    LIKE saleor_livesales_decision INCLUDING DEFAULTS, PRIMARY KEY (id)
);
INSERT INTO saleor_livesales_decision_plain SELECT * FROM saleor_livesales_decision;
DROP TABLE saleor_livesales_decision;
ALTER TABLE saleor_livesales_decision_plain RENAME TO saleor_livesales_decision;
CREATE INDEX livesales_decision_visitor ON saleor_livesales_decision (visitor_id, at DESC);
"""


class Migration(migrations.Migration):
    dependencies = [("saleor_livesales", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
