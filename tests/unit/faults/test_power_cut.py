"""A power cut at a COMMIT: nothing of the transaction is left, and the next one goes through."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from ecomkafka.faults.power_cut import PowerCut


def test_what_was_not_committed_is_gone_and_the_power_fails_once(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/shop.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE sold (cents INTEGER)"))
    power_cut = PowerCut()
    power_cut.at_commit(engine)
    with pytest.raises(OperationalError, match="the power is off"), engine.begin() as connection:
        connection.execute(text("INSERT INTO sold VALUES (1)"))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO sold VALUES (2)"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT cents FROM sold")).scalars().all() == [2]
    assert power_cut.times == 1
    engine.dispose()
