"""Admission: a client with a known key, a header of limited size, and a limited rate of requests."""

from http import HTTPStatus

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ecomkafka.http_api.api_keys import ApiKeys
from ecomkafka.http_api.limits import Limits
from ecomkafka.http_api.problems import problem
from ecomkafka.http_api.token_bucket import Grant, TokenBuckets

OPEN = "open_to_all"
"""`opt` of the paths that anybody may ask as often as it likes: whoever watches the gateway has no key."""


class Admission(ASGIMiddleware):
    """The client's name is `request.auth` afterwards: that of its key, or "" where no keys are asked for."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = OPEN

    def __init__(self, limits: Limits, keys: ApiKeys | None) -> None:
        self._limits, self._keys = limits, keys
        self._buckets = TokenBuckets(limits.rate, limits.burst)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        self._check_header(scope)
        scope["auth"] = client = "" if self._keys is None else self._authenticate(scope, self._keys)
        address = scope["client"]
        grant = self._buckets.take(client or (address[0] if address else ""))
        headers = self._headers(grant)
        if not grant.allowed:
            detail = f"more than {self._limits.rate:g} requests per second, and {self._limits.burst} at once"
            raise problem(
                HTTPStatus.TOO_MANY_REQUESTS, detail, headers={**headers, "Retry-After": str(grant.retry_after)}
            )

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableScopeHeaders.from_message(message).update(headers)
            await send(message)

        await next_app(scope, receive, answer)

    def _check_header(self, scope: Scope) -> None:
        size = len(scope["raw_path"]) + sum(len(name) + len(value) for name, value in scope["headers"])
        if size > self._limits.header_bytes:
            detail = f"the header has {size:,} bytes: at most {self._limits.header_bytes:,} are allowed"
            raise problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)

    def _authenticate(self, scope: Scope, keys: ApiKeys) -> str:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        scheme, _, key = given[0].decode("latin-1").partition(" ") if len(given) == 1 else ("", "", "")
        client = keys.client(key.strip()) if scheme.lower() == "bearer" else None
        if client is None:
            detail = "a known API key is needed, as 'Authorization: Bearer KEY'"
            raise problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
        return client

    def _headers(self, grant: Grant) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(int(self._limits.burst)),
            "RateLimit-Remaining": str(grant.remaining),
            "RateLimit-Reset": str(grant.reset),
        }
