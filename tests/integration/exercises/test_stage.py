"""The stage of a check on the real broker."""

from ecomkafka.clients.admin import describe_topics
from ecomkafka.exercises.checking.stage import Stage


def test_kafka_deletes_no_record_of_a_check_however_old_its_timestamp_is(broker, monkeypatch):
    """A solution was wrong if Kafka looked for old records while it was checked: a check's records were of January."""
    monkeypatch.setenv("ECOMKAFKA_BOOTSTRAP", broker.bootstrap)
    with Stage() as stage:
        stage.create("notifications.requests", "inventory.stock")
        settings = {topic.name: topic.settings for topic in describe_topics(stage.cluster)}
    assert settings["notifications.requests"]["retention.ms"] == "-1"
    assert settings["inventory.stock"]["cleanup.policy"] == "compact"
