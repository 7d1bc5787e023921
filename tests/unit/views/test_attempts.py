"""The figures of the lessons on event sourcing and on retries, and the mail server of the latter."""

from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd
import pytest

from ecomkafka.clients.record import Record
from ecomkafka.domain.mail_text import Mail
from ecomkafka.faults.mail_refusal import FULL, NO_SUCH_USER, ChoosyMailServer
from ecomkafka.gateways.mail import Mailer, MailError
from ecomkafka.messages import Line, OrderCancelled, OrderConfirmed, OrderCreated, Reason
from ecomkafka.views.lessons.attempts import attempts_plot, waiting_plot
from ecomkafka.views.lessons.history import against_log, history_plot, status_bars, steps_plot

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
COLUMNS = ["order", "customer", "attempt", "outcome", "waited (s)", "at (s)"]
BLOCKING = pd.DataFrame(
    [
        ("O-1", "bob", 1, "failed", 0.1, 0.1),
        ("O-1", "bob", 2, "given up", 2.6, 2.6),
        ("O-2", "ann", 1, "delivered", 2.5, 2.7),
    ],
    columns=COLUMNS,
)
RETRYING = BLOCKING.assign(**{"waited (s)": [0.1, 2.6, 0.2], "at (s)": [0.1, 2.6, 0.4]})


def log(*events):
    return [Record("orders.events", 0, n, b"", b"", (), n, event) for n, event in enumerate(events)]


def created(order_id):
    line = Line(product_id="MOUSE-001", quantity=1, price=Decimal(5))
    return OrderCreated(
        order_id=order_id, total=Decimal(5), customer_id="ann", lines=(line,), warehouses=("W",), deadline=AT, at=AT
    )


LIVES = log(
    created("O-1"),
    created("O-2"),
    OrderCancelled(order_id="O-1", total=Decimal(5), reason=Reason.TIMEOUT, at=AT),
    OrderConfirmed(order_id="O-2", total=Decimal(5), at=AT),
)


def mail(to):
    return Mail(notification_id="N-1", to=to, subject="s", body="b", at=AT)


def labels(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def test_each_life_is_folded_up_to_each_of_its_events():
    view = history_plot(LIVES, as_of=2)
    assert view.table["status"].tolist() == ["PENDING", "PENDING", "CANCELLED", "CONFIRMED"]
    assert view.table["reason"].tolist() == ["", "", "TIMEOUT", ""]
    assert view.alt.endswith("O-1 ends as CANCELLED; O-2 ends as CONFIRMED.")


def test_a_life_has_a_lane_and_its_states_are_bars_up_to_the_next_event():
    (axes,) = history_plot(LIVES).figure.axes
    assert labels(axes) == ["O-1", "O-2"]
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches[:4]] == [(1, 2), (3, 2), (2, 2), (4, 1)]


def test_read_models_are_drawn_beside_the_log_they_are_compared_with():
    frame = pd.DataFrame({"log": [1, 2], "naive": [1, 3]}, index=pd.Index([1, 2], name="orders placed"))
    view = against_log(frame, y="revenue", title="Drift")
    (axes,) = view.figure.axes
    assert [list(line.get_ydata()) for line in axes.lines] == [[1, 2], [1, 3]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("orders placed", "revenue")
    assert view.alt == "Drift: revenue, by orders placed. In the end (2): log 2, naive 3."


def test_a_line_of_many_steps_has_no_marks():
    for steps, mark in ((4, "o"), (400, "")):
        frame = pd.DataFrame({"pending": range(steps)}, index=pd.RangeIndex(steps, name="records"))
        (line,) = steps_plot(frame, y="orders").figure.axes[0].lines
        assert line.get_marker() == mark


def test_a_line_of_many_steps_tells_its_greatest_value():
    frame = pd.DataFrame({"folded": [n % 100 for n in range(414)]}, index=pd.RangeIndex(414, name="records"))
    (text,) = steps_plot(frame, y="events").figure.axes[0].texts
    assert (text.get_text(), text.xy) == ("99", (399, 99))


def test_the_statuses_of_a_step_are_one_bar():
    frame = pd.DataFrame({"CONFIRMED": [9, 11], "CANCELLED": [2, 0]}, index=["before", "after"])
    view = status_bars(frame, title="A wrong table")
    (axes,) = view.figure.axes
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(0, 9), (0, 11), (9, 2), (11, 0)]
    assert view.alt == "A wrong table. before: 9 CONFIRMED, 2 CANCELLED; after: 11 CONFIRMED, 0 CANCELLED."


def test_a_customer_waits_from_the_request_to_the_last_attempt():
    view = attempts_plot(BLOCKING, "On the spot")
    (axes,) = view.figure.axes
    assert labels(axes) == ["bob  O-1", "ann  O-2"]
    starts = [(round(bar.get_x(), 1), round(bar.get_width(), 1)) for bar in axes.patches[:2]]
    assert starts == [(0.0, 2.6), (0.2, 2.5)]
    assert view.alt == "On the spot: bob (O-1) failed, given up; ann (O-2) delivered."


def test_waiting_is_compared_for_those_who_got_their_mail():
    view = waiting_plot({"on the spot": BLOCKING, "retry topics": RETRYING})
    assert view.table.to_dict() == {"on the spot": {"ann": 2.5}, "retry topics": {"ann": 0.2}}
    assert view.alt == "Waiting time of 1 customers: longest with on the spot."


@pytest.mark.parametrize(("reply", "retryable"), [(FULL, True), (NO_SUCH_USER, False)])
def test_a_choosy_mail_server_refuses_whom_it_is_told_to_for_as_long_as_it_is_told(reply, retryable):
    with ChoosyMailServer({"bob@example.com": reply}) as server:
        mailer = Mailer(server.host, server.port)
        with pytest.raises(MailError) as refused:
            mailer.send(mail("bob@example.com"))
        assert (str(refused.value), refused.value.retryable) == (reply, retryable)
        del server.replies["bob@example.com"]
        mailer.send(mail("bob@example.com"))
        mailer.close()
        assert dict(server.refused) == {"bob@example.com": 1}
        assert [delivered.to for delivered in server.messages] == ["bob@example.com"]
