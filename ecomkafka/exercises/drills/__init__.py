"""Incident drills: the shop is ill, find out why, and make it well. `from ecomkafka.exercises.drills import Drill`."""

from ecomkafka.exercises.drills.choices import CAUSES as CAUSES
from ecomkafka.exercises.drills.choices import CURES as CURES
from ecomkafka.exercises.drills.drill import Drill as Drill
