"""The figures of lesson 12: dashboards by the wall clock, watermarks, late events, when a week's customers buy."""

from collections.abc import Iterable
from datetime import datetime

import pandas as pd
from matplotlib.dates import DateFormatter

from ecomkafka.views.view import (
    BLUE,
    DASHES,
    GREY,
    HATCHES,
    PALETTE,
    VERMILLION,
    YELLOW,
    View,
    new_figure,
    tidy,
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def dashboards_plot(table: pd.DataFrame) -> View:
    """One panel for each dashboard: how many orders it shows in each window.

    `table`: one row per window, indexed by its start on the dashboard's clock; one column per dashboard.
    """
    figure = new_figure(height=1.5 * len(table.columns) + 0.5)
    panels = figure.subplots(len(table.columns), sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, name, colour, hatch in zip(panels, table.columns, PALETTE, HATCHES, strict=False):
        bars = axes.bar(range(len(table)), table[name], width=0.9, color=colour, hatch=hatch, edgecolor="white")
        axes.bar_label(bars, [str(count) if count else "" for count in table[name]], fontsize=8)
        tidy(axes, title=name, y="orders")
        axes.margins(y=0.25)
    starts = pd.DatetimeIndex(table.index)
    panels[-1].set_xticks(range(len(table)), [start.strftime("%H:%M") for start in starts], rotation=90, fontsize=8)
    panels[-1].set_xlabel(f"start of the window ({starts.tz})")
    fullest = "; ".join(f"{name}: at most {table[name].max()} in one window" for name in table.columns)
    same = all(table[name].equals(table.iloc[:, 0]) for name in table.columns)
    alt = f"Orders by window, one panel for each dashboard. {fullest}. They show {'the same' if same else 'different'}"
    return View(figure, table, f"{alt} days.")


def watermark_plot(rows: pd.DataFrame) -> View:
    """The marks of all inputs and the watermark that follows from them, as the clock goes on.

    `rows`: indexed by seconds of the clock; one column of event times per input (its mark), and the column `watermark`.
    """
    figure = new_figure(height=3.8)
    axes = figure.subplots()
    inputs = [name for name in rows.columns if name != "watermark"]
    axes.step(
        rows.index, rows["watermark"], where="post", color=YELLOW, linewidth=9, label="watermark", solid_capstyle="butt"
    )  # fmt: skip
    for name, colour, dash in zip(inputs, PALETTE, DASHES, strict=False):
        axes.step(
            rows.index, rows[name], where="post", color=colour, linestyle=dash, linewidth=2, label=f"mark: {name}"
        )
    tidy(axes, x="clock (seconds since noon)", y="event time")
    axes.yaxis.set_major_formatter(DateFormatter("%H:%M:%S"))  # type: ignore[no-untyped-call]
    axes.legend(loc="upper left")
    alt = f"The marks of {len(inputs)} inputs, and as a broad line the watermark: the lowest mark that is not idle."
    return View(figure, rows, alt)


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
    axes.step(known.index, known["closed until"], where="post", color=GREY, label="windows are closed up to here")
    tidy(axes, x="arrival (number of the event)", y=f"event time ({zone})")
    axes.yaxis.set_major_formatter(_clock(zone))
    axes.legend()
    count = int(arrivals["late"].sum())
    return View(figure, arrivals, f"Event time of {len(arrivals)} events by arrival; {count} lie below what is closed.")


def heat_map(times: Iterable[datetime], zone: str = "UTC") -> View:
    """Orders by weekday and hour of `zone`; the number is in each field, so that no colour is needed to read it."""
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
    figure.colorbar(picture, ax=axes, label="orders")
    day, hour = divmod(int(table.to_numpy().argmax()), len(hours))
    alt = f"{len(local)} orders by weekday and hour; the first of the fullest hours is {WEEKDAYS[day]} {hours[hour]}."
    return View(figure, table, alt)


def _clock(zone: str) -> DateFormatter:
    return DateFormatter("%a %H:%M", tz=zone)  # type: ignore[no-untyped-call]
