"""The floor plan of the package: what each room is for, and which rooms it may import. A room imports only what stands
before it here; `tests/unit/project/test_architecture.py` holds the code to it, `docs/architecture` shows it.
"""

from typing import NamedTuple

SEE = ("|   | room | what it is for | it imports |", "|---|---|---|---|")


class Room(NamedTuple):
    sentence: str
    """The first paragraph of its docstring."""
    names: str
    """The rooms that it imports."""

    @property
    def imports(self) -> list[str]:
        return self.names.split()


ROOMS = {
    "messages": Room(
        "Every command and event of the shop, frozen, and how one becomes bytes; `contracts` has the way back.",
        "",
    ),
    "contracts": Room(
        "What versions of the shop owe each other: readers are tolerant, writers strict.",
        "messages",
    ),
    "clock": Room(
        "Time as an argument: the wall clock for a live shop, a hand-turned one for lessons and tests.",
        "",
    ),
    "topics": Room(
        "The shop's topics as data: how many partitions, how long records stay, how they are compressed.",
        "",
    ),
    "flow": Room(
        "Who reads what and writes what: the one wiring that services, trace and tests read.",
        "messages contracts",
    ),
    "logs": Room(
        "Logs: structured by structlog, silent until somebody asks; lines with emojis for people, JSON for machines.",
        "messages flow",
    ),
    "domain": Room(
        "Pure rules of the shop: no Kafka, no threads, no clock, no randomness, no I/O.",
        "messages",
    ),
    "catalogue": Room(
        "What the shop sells: products, prices, warehouses and the opening stock. Every product lives in one "
        "warehouse.",
        "messages domain",
    ),
    "model_checking": Room(
        "A model checker for sagas: every interleaving of what can happen to one order, the shortest bad one first.",
        "messages domain",
    ),
    "machine": Room(
        "What a program needs of its machine: folders, locks, other processes.",
        "",
    ),
    "waiting": Room(
        "Waiting for a condition, with a limit: a lesson's cell never sleeps.",
        "domain",
    ),
    "trace_context": Room(
        "W3C Trace Context: the header `traceparent`, made from what is known of a record anyway.",
        "",
    ),
    "clients": Room(
        "Kafka from Python: every producer, consumer and admin client, transactions, groups, readers.",
        "contracts topics flow logs machine waiting",
    ),
    "dataframes": Room(
        "DataFrames on demand: pandas, which takes long to import, is imported when the first one is made.",
        "",
    ),
    "broker": Room(
        "The embedded Kafka: its jars, its Java, its nodes, start and stop.",
        "logs machine clients",
    ),
    "formats": Room(
        "The shop's messages as Avro and Protobuf beside JSON, behind one interface. They need the extra `registry`.",
        "messages contracts",
    ),
    "registry": Room(
        "A schema registry (Apicurio) on the Java that runs Kafka, its client, and messages that carry a schema's id.",
        "messages contracts machine broker formats",
    ),
    "engine": Room(
        "How a service runs: worker, loop, batch, state, changelog; and the records that it sets aside.",
        "messages contracts clock flow logs machine waiting trace_context clients",
    ),
    "gateways": Room(
        "The world outside Kafka: mail, payment and SQL.",
        "messages logs domain machine waiting clients",
    ),
    "settings": Room(
        "What can be set from outside, by environment variables: checked before anything starts, named in "
        "every complaint.",
        "machine clients gateways",
    ),
    "services": Room(
        "The four services and the read model: decode, ask the domain, say what to send.",
        "messages contracts clock flow logs domain catalogue waiting clients engine gateways",
    ),
    "telemetry": Room(
        "What a running shop shows to other people's tools: metrics for Prometheus, traces for Zipkin and "
        "OpenTelemetry.",
        "messages flow logs domain machine trace_context clients broker engine gateways services",
    ),
    "operations": Room(
        "The services as an operator runs them: processes, health, doctor.",
        "flow logs machine clients broker registry engine gateways settings services telemetry",
    ),
    "retail": Room(
        "A retailer's real orders, read from a file.",
        "messages domain catalogue",
    ),
    "invariants": Room(
        "What must be true of a quiet shop, whatever happened to it: pure functions over `Facts`.",
        "messages contracts topics flow domain clients waiting dataframes engine gateways settings services",
    ),
    "faults": Room(
        "What can go wrong, on demand: crashes, network, mail, payment, data, disk.",
        "machine clients broker engine gateways settings services operations invariants",
    ),
    "http_api": Room(
        "The front door: an HTTP API that takes orders and says what became of them.",
        "messages flow logs domain catalogue machine waiting trace_context clients gateways services telemetry",
    ),
    "shop": Room(
        "One object that starts and stops the whole shop, and what it shows.",
        "messages contracts clock flow logs domain catalogue machine clients waiting dataframes broker engine gateways "
        "services telemetry operations retail invariants faults http_api",
    ),
    "classroom": Room(
        "One Kafka for a class: an account for each student, with rights to the names of that student only.",
        "messages contracts logs machine clients broker",
    ),
    "streams": Room(
        "Kafka Streams, driven from Python: the library's own Java classes run in this process, and Python functions "
        "pass for Java's. It needs the extra `streams` (JPype) and fetches 2.4 MB of jars at its first use.",
        "machine clients waiting broker",
    ),
    "spark": Room(
        "The same windows on Apache Spark, a cluster engine: the query, a session, a cluster of workers. It needs the "
        "extra `spark` (PySpark, 485 MB) and fetches 10 MB of jars at its first use.",
        "machine clients broker",
    ),
    "lessons": Room(
        "What one lesson alone uses, the naive versions first of all.",
        "messages clock flow domain catalogue model_checking machine clients waiting broker engine gateways services "
        "retail faults shop streams",
    ),
    "views": Room(
        "The figures of the lessons. Each returns a `View`: a picture, the numbers behind it, and in words "
        "what is to be seen.",
        "messages flow domain clients invariants shop classroom lessons",
    ),
    "chaos": Room(
        "A seeded plan of faults against a shop of processes, its timeline and its verdict.",
        "messages clock logs catalogue machine clients broker engine gateways settings services operations "
        "invariants faults shop views",
    ),
    "course": Room(
        "What the student does in every lesson: predict before a cell runs, and answer the questions at its end.",
        "",
    ),
    "exercises": Room(
        "Exercises that check themselves, one folder per lesson: `from ecomkafka.exercises import lesson_02 as ex`.",
        "messages topics flow logs domain catalogue model_checking machine clients waiting dataframes broker engine "
        "gateways services operations invariants faults shop classroom streams lessons views course contracts",
    ),
    "widgets": Room(
        "Panels: press buttons in a notebook and see what the shop makes of it. They need the extra `lab` "
        "(ipywidgets).",
        "messages topics flow logs domain catalogue model_checking clients broker engine gateways services invariants "
        "faults shop classroom views",
    ),
    "cli": Room(
        "The command `ecomkafka`.",
        "messages contracts logs domain machine clients broker gateways settings services operations retail invariants "
        "telemetry faults registry http_api shop classroom chaos exercises course",
    ),
    "__main__": Room(
        "`python -m ecomkafka` is the command `ecomkafka`.",
        "cli",
    ),
}


def room_of(module: str) -> str:
    """The room of "ecomkafka.engine.loop" is "engine"; a module at the top is a room of its own."""
    return module.split(".")[1]


def drawn() -> str:
    """The plan as a table in Markdown."""
    rows = []
    for number, (name, room) in enumerate(ROOMS.items(), 1):
        imports = ", ".join(room.imports) or "–"
        sentence = room.sentence.replace("|", "\\|")
        rows.append(f"| {number} | `{name}` | {sentence} | {imports} |")
    return "\n".join([*SEE, *rows]) + "\n"
