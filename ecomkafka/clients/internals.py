"""The private parts of kafka-python that the project needs: one function for each, with its reason.

kafka-python promises nothing about them. Before an upgrade of kafka-python this is the module to open, and
`tests/integration/clients/test_internals.py` tries each function on the broker. "Since" was read from the sources of
2.0.2, 2.2.20, 2.3.1 and eight versions from 3.0.0 to 3.0.12, which is the pinned one.
"""

import math
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.cluster import ClusterMetadata
from kafka.consumer.fetcher import ConsumerRecord, Fetcher
from kafka.errors import KafkaConnectionError, LeaderNotAvailableError, SaslAuthenticationFailedError
from kafka.net.inet import create_connection
from kafka.net.manager import KafkaConnectionManager
from kafka.net.transport import KafkaSSLTransport
from kafka.protocol.consumer import IsolationLevel
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecordBatchBuilder

_HEADER = DefaultRecordBatchBuilder.HEADER_STRUCT


# Connections


def reconnect(consumer: KafkaConsumer) -> None:
    """Close the consumer's connections, so that it makes new ones.

    Without it each half-open connection costs one request its whole time limit. kafka-python can close a whole client
    only. Since 3.0.0: `_manager`, `_conns`; in 2.x the client itself had `_conns`.
    """

    def close() -> None:
        for connection in list(connections._conns.values()):
            connection.close(KafkaConnectionError("others had no answer either"))

    connections = consumer._client._manager
    with suppress(RuntimeError):  # another thread has closed the consumer meanwhile
        connections.call_soon(close)


def force_close(producer: KafkaProducer) -> None:
    """End the producer's thread; `close` it afterwards.

    `close(timeout)` raises KafkaTimeoutError while a record is unanswered, and the thread goes on sending. Since 2.0.2
    or earlier: `_sender`.
    """
    producer._sender.force_close()


def bound_handshake(connections: KafkaConnectionManager, seconds: float) -> None:
    """Give up a TLS handshake after `seconds`, and close the socket of one that failed.

    Without it a frozen broker holds its clients for ever. Since 3.0.0: `_build_transport`, `_net`, `_sock`.
    """

    async def shake_hands(transport: KafkaSSLTransport, deadline: float) -> None:
        while True:
            try:
                return transport._sock.do_handshake()  # type: ignore[no-any-return]
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as wanted:
                reads = isinstance(wanted, ssl.SSLWantReadError)
                wait = transport._net.wait_read if reads else transport._net.wait_write
                await wait(transport._sock, timeout_at=deadline)

    async def build_transport(node: Any, timeout_at: float | None = None) -> KafkaSSLTransport:
        net, c = connections._net, connections.config
        way = c["socket_options"], c["proxy_url"], timeout_at
        connection = await create_connection(net, node.host, node.port, *way)
        try:
            transport = KafkaSSLTransport(net, connection, host=node.host, ssl_context=c["ssl_context"])
        except BaseException:
            connection.close()
            raise
        try:
            await shake_hands(transport, min(time.monotonic() + seconds, timeout_at or math.inf))
        except Exception as error:
            transport.abort(error)
            raise KafkaConnectionError(f"TLS handshake with {node.host}:{node.port} failed: {error}") from error
        return transport

    connections._build_transport = build_transport


def report_refused_password(connections: KafkaConnectionManager) -> None:
    """Let whoever wants a connection after a refused one get SaslAuthenticationFailedError.

    Without it a refused password looks like a broker that does not answer. The broker sends the reason and hangs up.
    Both arrive together, and kafka-python drops what came before a hang-up. Where it does read the reason, it stores it
    on an error that is never raised. Since 3.0.0: `_build_transport`, `_connect`, `_sock_recv`, `_auth_failures`.
    """
    build, connect = connections._build_transport, connections._connect

    async def build_transport(*arguments: Any, **options: Any) -> Any:
        transport = await build(*arguments, **options)
        receive = transport._sock_recv

        def receive_all() -> tuple[bytes, Exception | None]:
            data, error = receive()
            return (data, None) if data else (data, error)  # the hang-up is still there at the next read

        transport._sock_recv = receive_all
        return transport

    async def connect_and_remember(node: Any, connection: Any, **options: Any) -> None:
        await connect(node, connection, **options)
        if isinstance(refused := connection.init_future.exception, SaslAuthenticationFailedError):
            connections._auth_failures[node.node_id] = refused

    connections._build_transport, connections._connect = build_transport, connect_and_remember


def send(admin: KafkaAdminClient, request: Any, node: int | None = None) -> Any:
    """The answer to a request for which the admin client has no call; without `node` any broker is asked.

    kafka-python knows AlterClientQuotas and WriteTxnMarkers, and offers the first not at all and of the second only
    aborts. Since 3.0.0: `_manager`; in 2.x `_send_request_to_node`.
    """
    return admin._manager.run(lambda: _answer(admin._manager, request, node))


async def _answer(connections: KafkaConnectionManager, request: Any, node: int | None) -> Any:
    return await connections.send(request, node_id=node)


# What a client knows of the cluster


def forget_coordinators(metadata: ClusterMetadata) -> None:
    """Let the coordinators of groups and transactional ids be looked up again.

    kafka-python keeps a coordinator until a request of its own is told of another one, and goes on asking one that has
    died. Since 2.2.20 or earlier: `_coordinators`.
    """
    metadata._coordinators.clear()


def metadata_of(admin: KafkaAdminClient) -> ClusterMetadata:
    """What the admin client knows of the cluster. The other clients show theirs. Since 3.0.0: `_manager`."""
    return admin._manager.cluster


def track_topic(metadata: ClusterMetadata, topic: str) -> None:
    """Let the topic be part of the next metadata request.

    The public `add_topic` also starts a refresh in the background, after a pause of `retry_backoff_ms`; whoever awaits
    `refresh_metadata` at once would ask twice. Since 3.0.0: `_topics`; in 2.x
    the client had them.
    """
    metadata._topics.add(topic)


# A consumer's state


def resume(consumer: KafkaConsumer, partition: TopicPartition) -> None:
    """Fetch a paused partition again, from its position.

    kafka-python puts aside what it had fetched of a paused partition. It finds that again only if no other partition
    was read to its end meanwhile: otherwise the partition is neither returned nor fetched any more. Since 3.0.0:
    `_paused_partition_records`.
    """
    consumer._fetcher._paused_partition_records.pop(partition, None)
    consumer.resume(partition)


def keep_joining(consumer: KafkaConsumer) -> None:
    """Let the consumer join its group until it has, once it has begun.

    Without it a consumer can stay without partitions for good: it joins before it knows its topics, joins again when it
    knows them, and forgets that if `poll` ends before the answer has come. Java's client had the same fault
    (KAFKA-9815). Since 3.0.0: `_coordinator`, `need_rejoin`, `rejoin_needed`.
    """
    coordinator = consumer._coordinator
    needs = coordinator.need_rejoin

    def need_rejoin() -> bool:
        if needed := bool(needs()):
            coordinator.rejoin_needed = True
        return needed

    coordinator.need_rejoin = need_rejoin


def report_missing_leader(consumer: KafkaConsumer) -> None:
    """Let whoever asks for the offsets of a partition without a leader get LeaderNotAvailableError, which is retriable.

    Without it `end_offsets` and `beginning_offsets` raise KeyError, which looks like a fault of the caller.
    Since 3.0.0: `_fetcher`.
    """
    fetcher = consumer._fetcher
    ask = fetcher.beginning_or_end_offset

    def beginning_or_end_offset(*question: Any) -> Any:
        try:
            return ask(*question)
        except KeyError as error:
            raise LeaderNotAvailableError(f"{error.args[0]} has no leader") from error

    fetcher.beginning_or_end_offset = beginning_or_end_offset


def is_fenced(consumer: KafkaConsumer) -> bool:
    """Whether another consumer has taken this one's `group_instance_id`.

    kafka-python learns of it from a heartbeat, stops the heartbeats, and says nothing: `poll` goes on without records.
    Since 3.0.0: `_heartbeat_enabled`; 2.x had a thread for them.
    """
    coordinator = consumer._coordinator
    return bool(coordinator.stable() and not coordinator._heartbeat_enabled)


# Batches of records


class FetchedRecords(Fetcher.PartitionRecords):  # type: ignore[misc]
    """The records of one fetch of a partition, unpacked by `unpack` of a subclass.

    kafka-python has no place for another codec. Since 2.2.20 or earlier: `_unpack_records` and
    the three names in `is_visible`.
    """

    def unpack(self, batches: MemoryRecords) -> Iterator[ConsumerRecord]:
        """The records that the reader gets, with `next_fetch_offset` set to the offset after each."""
        raise NotImplementedError

    def _unpack_records(self, place: TopicPartition, batches: MemoryRecords, *_: Any) -> Iterator[ConsumerRecord]:
        return self.unpack(batches)

    def is_visible(self, batch: Any) -> bool:
        """Whether the reader gets the batch: no control batch, and with read_committed no aborted transaction's."""
        self.leader_epoch = batch.leader_epoch
        if self.isolation_level == IsolationLevel.READ_COMMITTED and batch.has_producer_id():
            self._consume_aborted_transactions_up_to(batch.last_offset)
            if self._contains_abort_marker(batch):
                self.aborted_producer_ids.discard(batch.producer_id)
            elif self._is_batch_aborted(batch):
                return False
        return not batch.is_control_batch


def unpack_with(consumer: KafkaConsumer, records: type[Fetcher.PartitionRecords]) -> None:
    """Let this class unpack what the consumer fetches. Since 2.0.2 or earlier: `_fetcher`."""
    consumer._fetcher.PartitionRecords = records


def uncompressed(batch: Any) -> bytes:
    """The bytes of a fetched batch, uncompressed.

    kafka-python does that only to iterate over it. Since 2.0.2 or earlier: `_buffer`, `_maybe_uncompress`.
    """
    if not batch.compression_type:
        return bytes(batch._buffer)
    header = bytearray(batch._buffer[: _HEADER.size])
    header[batch.ATTRIBUTES_OFFSET + 1] &= ~batch.CODEC_MASK & 0xFF
    batch._maybe_uncompress()
    return bytes(header + batch._buffer)


def transactional(batch: bytes, producer_id: int, epoch: int, sequence: int) -> bytes:
    """An uncompressed batch as a transaction's: compressed with lz4, stamped with its producer, with a new checksum.

    kafka-python does so only with what its own builder has packed. Since 2.0.2 or earlier: the five names below.
    """
    builder = DefaultRecordBatchBuilder(2, DefaultRecordBatchBuilder.CODEC_LZ4, True, -1, -1, -1, len(batch))
    builder._buffer = bytearray(batch)
    (*_, builder._last_offset, builder._first_timestamp, builder._max_timestamp, _, _, _, builder._num_records) = (
        _HEADER.unpack_from(builder._buffer)
    )
    builder.set_producer_state(producer_id, epoch, sequence, True)
    return bytes(builder.build())
