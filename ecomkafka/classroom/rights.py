"""A student's rights (ACLs): everything on names with the student's prefix, and writing results."""

from collections.abc import Collection, Iterator

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import NoError

from ecomkafka.classroom.results_topic import PROGRESS

_OWN = {
    # Who may read, write, delete or alter may describe as well.
    ResourceType.TOPIC: ("READ", "WRITE", "CREATE", "DELETE", "ALTER", "DESCRIBE_CONFIGS"),
    ResourceType.GROUP: ("READ", "DELETE"),
    ResourceType.TRANSACTIONAL_ID: ("WRITE",),
}
"""On names that begin with "NAME."; nothing else is seen, not even in a listing."""


def grant(admin: KafkaAdminClient, names: Collection[str]) -> None:
    """Give these students their rights."""
    answer = admin.create_acls([acl for name in names for acl in _of(name)])
    if answer["failed"]:  # returned, not raised
        raise RuntimeError(f"rights were not given: {', '.join({error.__name__ for error in answer['failed']})}")


def revoke(admin: KafkaAdminClient, names: Collection[str]) -> None:
    """Take all rights of these students, on connections that are open as well."""
    anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    every = [ACLFilter(_user(n), None, ACLOperation.ANY, ACLPermissionType.ANY, anything) for n in names]
    for wanted, _, error in admin.delete_acls(every):
        if error is not NoError:
            raise RuntimeError(f"the rights of {wanted.principal} were not taken: {error.__name__}")


def _of(name: str) -> Iterator[ACL]:
    for kind, operations in _OWN.items():
        own = ResourcePattern(kind, f"{name}.", ACLResourcePatternType.PREFIXED)
        yield from (_allow(name, operation, own) for operation in operations)
    yield _allow(name, "WRITE", ResourcePattern(ResourceType.TOPIC, PROGRESS, ACLResourcePatternType.LITERAL))


def _allow(name: str, operation: str, where: ResourcePattern) -> ACL:
    return ACL(_user(name), "*", ACLOperation[operation], ACLPermissionType.ALLOW, where)


def _user(name: str) -> str:
    return f"User:{name}"
