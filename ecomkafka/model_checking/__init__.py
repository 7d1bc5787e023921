"""A model checker for sagas: every interleaving of what can happen to one order, the shortest bad one first."""

from ecomkafka.model_checking.bounds import Bounds as Bounds
from ecomkafka.model_checking.model import Model as Model
from ecomkafka.model_checking.properties import PROPERTIES as PROPERTIES
from ecomkafka.model_checking.properties import SAGA_PROPERTIES as SAGA_PROPERTIES
from ecomkafka.model_checking.search import check as check
