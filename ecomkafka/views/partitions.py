"""The figure of partitions: where records are stored, by topic, partition and kind of key."""

import re
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from ecomkafka.clients.record import Record
from ecomkafka.views.view import HATCHES, PALETTE, View, new_figure, tidy

NO_KEY = "no key"


def partition_plot(records: Sequence[Record]) -> View:
    """A bar for each topic and partition that has one of `records`, stacked by kind of key ("ORD", "WH", "no key").

    `table`: topic, partition, one column of records for each kind, records. Topics in the order of their names.
    """
    counts = Counter((r.topic, r.partition, key_kind(r.key)) for r in records)
    kinds = sorted({kind for _, _, kind in counts})
    places = sorted({(topic, partition) for topic, partition, _ in counts})
    rows = [(*place, *(counts[(*place, kind)] for kind in kinds)) for place in places]
    table = pd.DataFrame(rows, columns=["topic", "partition", *kinds])
    table["records"] = table[kinds].sum(axis=1)
    figure = new_figure(1.3 + 0.3 * len(table))
    axes = figure.subplots()
    left = pd.Series(0, index=table.index)
    for number, kind in enumerate(kinds):
        style = number % len(PALETTE)
        axes.barh(
            table.index, table[kind], left=left, label=kind, color=PALETTE[style], hatch=HATCHES[style],
            edgecolor="white",
        )  # fmt: skip
        left = left + table[kind]
    axes.set_yticks(table.index, [f"{topic}:{partition}" for topic, partition in places], fontsize=8)
    axes.invert_yaxis()
    tidy(axes, title="Records by topic, partition and key", x="records")
    axes.legend(title="key", frameon=False, fontsize=8)
    text = "; ".join(f"{topic}:{partition} {n}" for (topic, partition), n in zip(places, table["records"], strict=True))
    return View(figure, table, f"Records by partition: {text or 'none'}.")


def key_kind(key: bytes | None) -> str:
    """What a key begins with: "ORD" for "ORD-0001", "no key" where there is none."""
    text = (key or b"").decode("utf-8", "replace")
    return re.split(r"[-_:/\d]", text, maxsplit=1)[0] or text[:12] if text else NO_KEY
