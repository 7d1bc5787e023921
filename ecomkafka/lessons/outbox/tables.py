"""The tables of lesson 10. On the writing side orders and vouchers, and the outbox beside them; on the reading side
points, and the inbox beside them.
"""

import sqlalchemy as sa

METADATA = sa.MetaData()

ORDERS = sa.Table(
    "orders",
    METADATA,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("customer", sa.Text, nullable=False),
)

VOUCHERS = sa.Table(
    "vouchers",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),  # a voucher can be used once
    sa.Column("order_id", sa.Text, nullable=False),
)

OUTBOX = sa.Table(
    "outbox",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),  # the database's numbers
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("published", sa.Boolean, nullable=False, server_default=sa.false()),
    sqlite_autoincrement=True,
)

INBOX = sa.Table("inbox", METADATA, sa.Column("message_id", sa.Text, primary_key=True))

POINTS = sa.Table(
    "points",
    METADATA,
    sa.Column("customer", sa.Text, primary_key=True),
    sa.Column("points", sa.Integer, nullable=False),
)

STEPS = sa.Table(
    "steps",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
)
"""What a service without an orchestrator has seen or done of an order, in this sequence."""
