"""The figures of lesson 12: replays by the wall clock, late events, and when a week's customers buy."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import pandas as pd
from matplotlib.dates import DateFormatter

from ecomkafka.views.view import BLACK, BLUE, GREY, ORANGE, VERMILLION, View, new_figure, tidy

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def replays_plot(replays: Mapping[str, pd.DataFrame], seconds: float) -> View:
    """One panel a replay: orders created and confirmed by window of `seconds` of the time at which Kafka got them.

    Each frame: one row a window, indexed by its number since the replay began; columns `created` and `confirmed`.
    """
    figure = new_figure(height=1.9 * len(replays) + 0.4)
    panels = figure.subplots(len(replays), sharex=True, squeeze=False)[:, 0]
    for axes, (name, frame) in zip(panels, replays.items(), strict=True):
        for column, colour, hatch, side in (("created", BLUE, "", 0.0), ("confirmed", ORANGE, "//", 0.42)):
            x = [(window + side) * seconds for window in frame.index]
            axes.bar(
                x, frame[column], width=0.42 * seconds, align="edge", color=colour, hatch=hatch, edgecolor=BLACK,
                linewidth=0.5, label=column,
            )  # fmt: skip
        tidy(axes, title=name, y="orders")
    panels[0].legend()
    panels[-1].set_xlabel(f"seconds since the replay began (windows of {seconds:g} s)")
    table = pd.concat(replays, names=["replay", "window"])
    sums = "; ".join(
        f"{name}: {frame['created'].sum()} created, {frame['confirmed'].sum()} confirmed"
        for name, frame in replays.items()
    )
    first, *others = replays.values()
    same = "the same" if all(first.equals(other) for other in others) else "different"
    alt = f"Orders by wall-clock window, a panel for each replay. {sums}. The replays' windows hold {same} figures."
    return View(figure, table, alt)


def late_plot(arrivals: pd.DataFrame, zone: str = "UTC") -> View:
    """Event time against arrival: what lies below the line of what is closed came too late.

    `arrivals`: one row an event in the order of arrival, with `at` (event time), `closed until` and `late` (bool).
    """
    figure = new_figure(height=4.0)
    axes = figure.subplots()
    local = arrivals.assign(**{name: arrivals[name].dt.tz_convert(zone) for name in ("at", "closed until")})
    on_time, late = local[~local["late"]], local[local["late"]]
    axes.scatter(on_time.index, on_time["at"], s=22, color=BLUE, marker="o", label="counted")
    axes.scatter(late.index, late["at"], s=46, color=VERMILLION, marker="X", label="too late", zorder=3)
    known = local[local["closed until"] >= local["at"].min()]
    axes.step(known.index, known["closed until"], where="post", color=GREY, label="closed until here")
    tidy(axes, x="arrival (number of the event)", y=f"event time ({zone})")
    axes.yaxis.set_major_formatter(_clock(zone))
    axes.legend()
    count = int(arrivals["late"].sum())
    return View(figure, arrivals, f"Event time of {len(arrivals)} events by arrival; {count} lie below what is closed.")


def heat_map(times: Iterable[datetime], zone: str = "UTC") -> View:
    """Events by weekday and hour of `zone`; the number is in each field, so that no colour is needed to read it."""
    local = pd.Series(list(times), dtype="datetime64[us, UTC]").dt.tz_convert(zone)
    table = pd.crosstab(local.dt.day_of_week, local.dt.hour)
    hours = range(24)  # also those in which nothing comes: they are part of what is normal
    table = table.reindex(index=range(7), columns=hours, fill_value=0).set_axis(WEEKDAYS).rename_axis("weekday")
    table = table.rename_axis("hour", axis="columns")
    figure = new_figure(height=3.6)
    axes = figure.subplots()
    picture = axes.imshow(table, cmap="Blues", aspect="auto")
    dark = table.to_numpy().max() * 0.6
    for row, counts in enumerate(table.to_numpy()):
        for column, count in enumerate(counts):
            if count:
                axes.text(
                    column, row, count, ha="center", va="center", color="white" if count > dark else "black", fontsize=9
                )  # fmt: skip
    axes.set(xlabel=f"hour of the day ({zone})", xticks=range(len(hours)), xticklabels=hours)
    axes.set(ylabel="weekday", yticks=range(7), yticklabels=WEEKDAYS)
    figure.colorbar(picture, ax=axes, label="events")
    day, hour = divmod(int(table.to_numpy().argmax()), len(hours))
    alt = f"{len(local)} events by weekday and hour; the first of the fullest hours is {WEEKDAYS[day]} {hours[hour]}."
    return View(figure, table, alt)


def _clock(zone: str) -> DateFormatter:
    return DateFormatter("%a %H:%M", tz=zone)  # type: ignore[no-untyped-call]
