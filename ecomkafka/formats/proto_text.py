"""A Protobuf descriptor as the text of a .proto file, which registries take; and what its first message is called."""

import re

from google.protobuf import descriptor_pb2

PACKAGE = "ecomkafka"
_TYPES = descriptor_pb2.FieldDescriptorProto
_NAMES = {_TYPES.TYPE_STRING: "string", _TYPES.TYPE_INT64: "int64"}


def proto_text(file: descriptor_pb2.FileDescriptorProto) -> str:
    lines = [f'syntax = "{file.syntax}";', f"package {file.package};"]
    lines += [f'import "{name}";' for name in file.dependency]
    for message in file.message_type:
        fields = [f"  {_line(field)}" for field in message.field]
        lines += ["", f"message {message.name} {{", *fields, "}"]
    return "\n".join(lines) + "\n"


def _line(field: descriptor_pb2.FieldDescriptorProto) -> str:
    word = "repeated " if field.label == _TYPES.LABEL_REPEATED else "optional " if field.proto3_optional else ""
    kind = _NAMES.get(field.type) or field.type_name.removeprefix(f".{PACKAGE}.").removeprefix(".")
    return f"{word}{kind} {field.name} = {field.number};"


def first_message(text: str) -> str:
    """Raises ValueError if there is none."""
    if (found := re.search(r"^\s*message\s+(\w+)", text, re.MULTILINE)) is None:
        raise ValueError(f"no message in the .proto file {text!r:.100}")
    return found[1]
