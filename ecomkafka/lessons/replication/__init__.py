"""Lesson 03: what each broker has of a partition, who leads it, and what becomes of orders when brokers die."""

from ecomkafka.lessons.replication.copies import Copies as Copies
from ecomkafka.lessons.replication.order_taking import fates as fates
from ecomkafka.lessons.replication.order_taking import freeze as freeze
from ecomkafka.lessons.replication.order_taking import leave as leave
from ecomkafka.lessons.replication.order_taking import place as place
