"""What a broker's refusal says of the transaction: that it is certainly not committed."""

from kafka.errors import (
    AuthorizationError,
    InvalidProducerEpochError,
    InvalidProducerIdMappingError,
    InvalidTxnStateError,
    ProducerFencedError,
    TransactionAbortableError,
)

TAKEN = (
    InvalidProducerEpochError,
    InvalidProducerIdMappingError,
    ProducerFencedError,
    InvalidTxnStateError,
    TransactionAbortableError,
)
"""Another producer has taken the id, or the coordinator has ended or forgotten what this one had: a new producer may
try the same again.
"""

REFUSED = (*TAKEN, AuthorizationError)
"""Errors after which the coordinator has certainly not carried out the commit or abort."""
