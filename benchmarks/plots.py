"""A picture of each benchmark, from its figures alone."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = {"naive": "tab:orange", "ours": "tab:blue", "ceiling": "tab:gray", "c_client": "tab:green"}
Found = dict[str, Any]


def save(found: Found, folder: Path) -> list[Path]:
    """Write `folder`/NAME.png for each benchmark in `found`; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name in (name for name in PLOTS if name in found):
        figure = Figure(figsize=(9, 3.4), layout="constrained", dpi=120)
        PLOTS[name](figure, found[name])
        files.append(folder / f"{name}.png")
        figure.savefig(files[-1])
    return files


def _saga(figure: Figure, saga: Found) -> None:
    rate, latency = _pair(figure)
    colours = [COLOURS[name] for name in saga]
    bars = rate.barh(list(saga), [who["orders_per_s"] for who in saga.values()], color=colours)
    rate.bar_label(bars, fmt="{:,.0f}", padding=3)
    rate.margins(x=0.2)
    rate.set_xlabel("orders a second")
    kinds = {"alone": "", "20/s": "at_20_per_s_", "half rate": "at_half_rate_"}
    for name in ("naive", "ours"):
        for percentile, style in (("p50", "o-"), ("p99", "^:")):
            values = [saga[name][f"{kind}{percentile}_ms"] for kind in kinds.values()]
            latency.plot(list(kinds), values, style, color=COLOURS[name], label=f"{name} {percentile}")
    latency.set(ylabel="order to notified, ms", yscale="log")
    latency.legend()


def _scale(figure: Figure, scale: Found) -> None:
    rate, cost, memory = figure.subplots(1, 3)
    rows, growth = scale["processes"], scale["growth"]
    bars = rate.bar([str(row["processes"] or "threads") for row in rows], [row["orders_per_s"] for row in rows])
    rate.bar_label(bars, fmt="{:,.0f}")
    rate.set(xlabel="processes of each service", ylabel="orders a second")
    closed = [row["closed"] for row in growth]
    for axes, what, label in ((cost, "cpu_us", "CPU µs an order"), (memory, "rss_mb", "memory, MB")):
        for service in growth[0][what]:
            axes.plot(closed, [row[what][service] for row in growth], "o-", label=service)
        axes.set(xlabel="closed orders", ylabel=label)
        axes.set_ylim(bottom=0)
        _counts(axes, closed)
    memory.legend(fontsize="small")


def _restore(figure: Figure, restore: Found) -> None:
    for axes, by, other in zip(_pair(figure), ("ended", "open"), ("open", "ended"), strict=True):
        rows = [row for row in restore["restarts"] if row[other] == 0]
        for service in dict.fromkeys(row["service"] for row in rows):
            mine = [row for row in rows if row["service"] == service]
            axes.plot([row[by] for row in mine], [row["seconds"] for row in mine], "o-", label=service)
        axes.set_xlabel(f"orders that {'had ended' if by == 'ended' else 'are open'}")
        _counts(axes, sorted({row[by] for row in rows}))
        axes.set_ylabel("seconds to the first order")
        axes.set_ylim(bottom=0)
        axes.legend()


def _real(figure: Figure, real: Found) -> None:
    axes = figure.subplots()
    for label, figures in (("threads", real), ("processes", real.get("processes"))):
        if figures:
            axes.plot(*zip(*figures["curve"], strict=True), label=label)
    axes.legend()
    axes.set(xlabel="seconds", ylabel="orders that have ended")
    axes.set_title(f"{real['orders']:,} orders of {real['lines']:,} lines")


def _transactions(figure: Figure, transactions: Found) -> None:
    rate, latency = _pair(figure)
    points = transactions["points"]
    batches = [point["batch"] for point in points]
    for axes, figure_of, label in (
        (rate, "records_per_s", "records per second"),
        (latency, "p50_ms", "median of a transaction, ms"),
    ):
        axes.plot(batches, [point[figure_of] for point in points], "o-")
        axes.set(xscale="log", yscale="log", xlabel="records in a transaction", ylabel=label)


def _start(figure: Figure, start: Found) -> None:
    seconds, memory = _pair(figure)
    names = {"no broker": "without_broker_s", "broker runs": "with_broker_s", "same process": "same_process_s"}
    bars = seconds.barh(list(names), [start[name] for name in names.values()])
    seconds.bar_label(bars, fmt="{:.1f}", padding=3)
    seconds.set_xlabel("seconds to the first confirmed order")
    bars = memory.barh(["shop", "broker"], [start["shop_rss_mb"], start["broker_rss_mb"]])
    memory.bar_label(bars, fmt="{:.0f}", padding=3)
    memory.set_xlabel("resident memory, MB")
    for axes in (seconds, memory):
        axes.margins(x=0.2)


def _gateway(figure: Figure, gateway: Found) -> None:
    rate, latency = _pair(figure)
    rows = gateway["connections"]
    names = ["direct", *(f"{row['connections']:,}" for row in rows)]
    whose = [gateway["direct"], *rows]
    bars = rate.bar(names, [who["orders_per_s"] for who in whose], color=["tab:gray"] + ["tab:blue"] * len(rows))
    rate.bar_label(bars, fmt="{:,.0f}")
    rate.set(xlabel="one direct client, and connections", ylabel="orders a second")
    rate.margins(y=0.15)
    for percentile, style in (("p50", "o-"), ("p99", "^:")):
        latency.plot(names, [who[f"{percentile}_ms"] for who in whose], style, label=percentile)
    latency.set(xlabel="one direct client, and connections", ylabel="answered, ms", yscale="log")
    latency.legend()


def _formats(figure: Figure, formats: Found) -> None:
    rows = formats["messages"]
    names = list(rows[0]["formats"])
    kinds = {"bytes": "bytes", "write_us": "µs to write", "read_us": "µs to read"}
    for axes, (kind, label) in zip(figure.subplots(1, 3), kinds.items(), strict=True):
        for number, name in enumerate(names):
            places = [place + (number - 1) * 0.27 for place in range(len(rows))]
            axes.barh(places, [row["formats"][name][kind] for row in rows], 0.25, label=name)
        axes.set_yticks(range(len(rows)), [row["message"] for row in rows] if kind == "bytes" else [""] * len(rows))
        axes.invert_yaxis()
        axes.set_xlabel(label)
    axes.legend(fontsize="small")


def _watching(figure: Figure, watching: Found) -> None:
    rate, header = _pair(figure)
    kinds = ("saga", "gateway")
    bars = rate.bar(kinds, [100 * watching[kind]["orders_per_s_on_to_off"] for kind in kinds], width=0.5)
    rate.bar_label(bars, fmt="{:.1f} %")
    rate.axhline(100, color="tab:gray", linestyle=":")
    rate.set_ylabel("orders a second with metrics,\n% of those without")
    cost = watching["traceparent"]
    bars = header.bar(["all of a record", "its traceparent"], [cost["record_us"], cost["header_us"]], width=0.5)
    header.bar_label(bars, fmt="{:.1f}")
    header.set_ylabel("µs to make")
    for axes in (rate, header):
        axes.margins(y=0.15)


def _tls(figure: Figure, tls: Found) -> None:
    axes = figure.subplots()
    ratio = tls["ratio"]
    bars = axes.barh([name.replace("_", " ") for name in ratio], list(ratio.values()))
    axes.bar_label(bars, fmt="{:.2f}", padding=3)
    axes.axvline(1.0, color="black", linewidth=1)
    axes.set_xlabel("with TLS, to without")
    axes.margins(x=0.2)


def _streams(figure: Figure, streams: Found) -> None:
    start, rate = _pair(figure)
    most = max(row["events"] for row in streams["cold"])
    rows = [row for row in streams["cold"] if row["events"] == most]
    bars = start.barh([row["engine"] for row in rows], [row["seconds"] for row in rows])
    start.bar_label(bars, fmt="{:.1f}", padding=3)
    start.invert_yaxis()
    start.margins(x=0.2)
    start.set_xlabel(f"from the start, seconds to {most:,} events")
    for engine in dict.fromkeys(row["engine"] for row in streams["warm"]):
        mine = [row for row in streams["warm"] if row["engine"] == engine]
        rate.plot([str(row["workers"]) for row in mine], [row["events_per_s"] for row in mine], "o-", label=engine)
    rate.set(xlabel="workers", ylabel="warm, events a second")
    rate.set_ylim(bottom=0)
    rate.legend(fontsize="small")


def _counts(axes: Axes, counts: Sequence[int]) -> None:
    """A logarithmic axis that shows the counts that were measured."""
    axes.set_xscale("log")
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()


def _pair(figure: Figure) -> tuple[Axes, Axes]:
    left, right = figure.subplots(1, 2)
    return left, right


PLOTS: dict[str, Callable[[Figure, Found], None]] = {
    "saga": _saga,
    "scale": _scale,
    "restore": _restore,
    "real": _real,
    "transactions": _transactions,
    "start": _start,
    "gateway": _gateway,
    "watching": _watching,
    "tls": _tls,
    "formats": _formats,
    "streams": _streams,
}
