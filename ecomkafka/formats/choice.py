"""The formats by name."""

from ecomkafka.formats.avro import Avro
from ecomkafka.formats.message_format import MessageFormat
from ecomkafka.formats.plain_json import PlainJson
from ecomkafka.formats.protobuf import Protobuf

FORMATS: dict[str, MessageFormat] = {each.name: each for each in (PlainJson(), Avro(), Protobuf())}
