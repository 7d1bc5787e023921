"""The front door: an HTTP API that takes orders and says what became of them.

It needs the extra `gateway` (Litestar, uvicorn). A web client knows nothing of Kafka, sends what it likes as fast as it
likes, and loses answers; what stands between it and the topics is here.
"""

from importlib.util import find_spec

for needed in ("litestar", "uvicorn"):
    if find_spec(needed) is None:
        raise RuntimeError(f"the gateway needs {needed}: pip install 'ecomkafka[gateway]'")
