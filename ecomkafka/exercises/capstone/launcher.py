"""The start of a student's program, as `python inventory.py …` starts it, with what only the harness knows set first.

A program of its own: it imports nothing of this package. The clients that the student makes reach Kafka through the
harness's proxy, log in where the class has accounts, and do often what happens rarely. What the student sets counts.
"""

import json
import os
import runpy
import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

SETTINGS = "CAPSTONE_CLIENTS"


def main(program: str, *arguments: str) -> None:
    settings = json.loads(os.environ.pop(SETTINGS))
    for client in (KafkaAdminClient, KafkaConsumer, KafkaProducer):
        client.DEFAULT_CONFIG.update({name: settings[name] for name in settings if name in client.DEFAULT_CONFIG})
    sys.argv = [program, *arguments]
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
