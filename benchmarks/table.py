"""`python -m benchmarks.table`: fill in docs/performance.md, and its figures, from docs/performance.json.

The JSON is what `python -m benchmarks --json` printed. Each part of the page that begins with `<!-- NAME -->` and ends
with `<!-- end -->` is made anew; what was not measured says so.
"""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks import formats, plots, streams
from benchmarks.targets import Found, grid, targets

DOCS = Path(__file__).parents[1] / "docs"
PAGE, FIGURES, PLOTS = DOCS / "performance.md", DOCS / "performance.json", DOCS / "figures"


def _machine(found: Found) -> str:
    m = found["machine"]
    return (
        f"One run on {m['cores']} cores, {m['memory_gb']} GB, {m['system']}, Python {m['python']}, Kafka {m['kafka']}; "
        f"others took {m['busy']:.0%} of the CPU when it began."
    )


def _saga(found: Found) -> str:
    rates = {"one at a time": "", "at 20/s": "at_20_per_s_", "at half its top rate": "at_half_rate_"}
    heads = ("", "orders/s", "CPU µs an order", *(f"p50 / p99, ms, {rate}" for rate in rates))
    return grid(
        heads,
        (
            (
                name,
                f"{who['orders_per_s']:,.0f}",
                f"{who['cpu_us']:,.0f}",
                *(
                    f"{who[k + 'p50_ms']:.0f} / {who[k + 'p99_ms']:.0f}" if k + "p50_ms" in who else "–"
                    for k in rates.values()
                ),
            )
            for name, who in found["saga"].items()
        ),
    )


def _scale(found: Found) -> str:
    scale = found["scale"]
    rates = grid(
        ("processes of each service", "orders/s"),
        ((row["processes"] or "threads of one", f"{row['orders_per_s']:,.0f}") for row in scale["processes"]),
    )
    services = list(scale["growth"][0]["cpu_us"])
    growth = grid(
        ("closed orders", "orders/s", "CPU µs an order", "of the broker", *(f"{name}, MB" for name in services)),
        (
            (
                f"{row['closed']:,}",
                f"{row['orders_per_s']:,.0f}",
                f"{sum(row['cpu_us'].values()):,.0f}",
                f"{row['broker_cpu_us']:,.0f}",
                *(f"{row['rss_mb'][name]:.0f}" for name in services),
            )
            for row in scale["growth"]
        ),
    )
    return f"{rates}\n\n{growth}"


def _restore(found: Found) -> str:
    return grid(
        ("service", "ended", "open", "seconds", "records read"),
        (
            (row["service"], f"{row['ended']:,}", f"{row['open']:,}", f"{row['seconds']:.2f}", f"{row['records']:,}")
            for row in found["restore"]["restarts"]
        ),
    )


def _real(found: Found) -> str:
    real = found["real"]
    said = [f"{real['orders']:,} orders of {real['lines']:,} lines."]
    for who, figures in (("Threads", real), ("Processes", real.get("processes"))):
        if figures:
            said.append(
                f"{who}: {figures['seconds']:.1f} s, {figures['orders_per_s']:,.0f} orders/s, "
                f"{figures['lines_per_s']:,.0f} lines/s; every invariant is {str(figures['invariants_hold']).lower()}."
            )
    return "\n".join(said)


def _transactions(found: Found) -> str:
    heads = ("records in a transaction", "records/s", "p50 ms", "p99 ms")
    return grid(
        heads,
        (
            (f"{p['batch']:,}", f"{p['records_per_s']:,.0f}", f"{p['p50_ms']:.1f}", f"{p['p99_ms']:.1f}")
            for p in found["transactions"]["points"]
        ),
    )


def _start(found: Found) -> str:
    names = {
        "import": "import_s",
        "no broker running": "without_broker_s",
        "broker running": "with_broker_s",
        "again in the same process": "same_process_s",
    }
    seconds = grid((*names, "shop, MB", "broker, MB"), [_start_row(found["start"], names.values())])
    return f"{seconds}\n\nThe first four are seconds."


def _tls(found: Found) -> str:
    names = {
        "connect_ms": "a client connects, ms",
        "transaction_ms": "a transaction of one record, ms",
        "records_per_s": "records/s, in transactions of 500",
        "orders_per_s": "orders/s",
        "random_written_per_s": "incompressible KB/s, written",
        "random_read_per_s": "incompressible KB/s, read",
    }
    off, on, ratio = (found["tls"][side] for side in ("off", "on", "ratio"))
    heads = ("", "without", "with TLS", "ratio")
    rows = ((what, f"{off[name]:,.1f}", f"{on[name]:,.1f}", f"{ratio[name]:.2f} ×") for name, what in names.items())
    return grid(heads, rows)


def _start_row(start: Found, names: Iterable[str]) -> tuple[str, ...]:
    memory = ("shop_rss_mb", "broker_rss_mb")
    return (*(f"{start[name]:.2f}" for name in names), *(f"{start[name]:.0f}" for name in memory))


def _gateway(found: Found) -> str:
    gateway = found["gateway"]
    heads = ("", "orders/s", "to direct", "p50 ms", "p99 ms")
    rows = [("direct `create_order`, one client", gateway["direct"])]
    rows += [(f"`POST /orders`, connections: {row['connections']:,}", row) for row in gateway["connections"]]
    rows += [(f"the same without a key: {gateway['without_key']['connections']:,}", gateway["without_key"])]
    speed = grid(heads, (_door_row(name, who, gateway["direct"]) for name, who in rows))
    memory = ((f"{row['requests']:,}", f"{row['rss_mb']:.0f}") for row in gateway["memory"])
    return f"{speed}\n\n{grid(('requests', 'gateway, MB'), memory)}"


def _door_row(name: str, who: Found, direct: Found) -> tuple[str, ...]:
    rate = who["orders_per_s"]
    return name, f"{rate:,.0f}", f"{rate / direct['orders_per_s']:.1f}", f"{who['p50_ms']:.1f}", f"{who['p99_ms']:.1f}"


def _watching(found: Found) -> str:
    watching = found["watching"]
    names = {"orders_per_s": "orders/s", "cpu_us": "CPU µs an order"}
    rows = [
        (f"{what}: {names[key]}", *(f"{watching[what][way][key]:,.0f}" for way in ("off", "on")), f"{ratio:.3f}")
        for what in ("saga", "gateway")
        for key in names
        if (ratio := watching[what].get(f"{key}_on_to_off")) is not None
    ]
    cost = watching["traceparent"]
    return (
        f"{grid(('metrics', 'off', 'on', 'on to off'), rows)}\n\n`traceparent`: {cost['header_us']:.1f} µs of the "
        f"{cost['record_us']:.1f} µs that the making of a record takes ({cost['share']:.0%})."
    )


PARTS: dict[str, Callable[[Found], str]] = {
    "machine": _machine,
    "saga": _saga,
    "scale": _scale,
    "restore": _restore,
    "real": _real,
    "transactions": _transactions,
    "start": _start,
    "gateway": _gateway,
    "formats": formats.shown,
    "streams": streams.shown,
    "watching": _watching,
    "tls": _tls,
}


def filled(page: str, found: Found) -> str:
    """`page` with each of its parts as `found` has it. Raises ValueError for the figures of a quick run."""
    if found.get("quick"):
        raise ValueError("these are figures of a quick run: measure without --quick")

    def part(match: "re.Match[str]") -> str:
        name = match[1]
        if name == "targets":
            text = targets(found)
        elif name not in found:
            text = "Not measured yet."
        else:
            picture = f"\n\n![{name}](figures/{name}.png)" if name in plots.PLOTS else ""
            text = PARTS[name](found) + picture
        return f"<!-- {name} -->\n{text}\n<!-- end -->"

    return re.sub(r"<!-- (\w+) -->\n.*?<!-- end -->", part, page, flags=re.DOTALL)


def main() -> None:
    found = json.loads(FIGURES.read_text(encoding="utf-8"))
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    plots.save(found, PLOTS)


if __name__ == "__main__":
    main()
