"""The embedded Kafka: its jars, its Java, its nodes, start and stop."""

from ecomkafka.broker.broker import Broker as Broker
from ecomkafka.broker.broker import Status as Status
from ecomkafka.broker.broker import bootstrap as bootstrap
from ecomkafka.broker.broker import up as up
from ecomkafka.machine.errors import BrokerError as BrokerError
