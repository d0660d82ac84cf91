"""Encoded messages read by their fields' numbers, where generated classes would be loaded for a few texts."""

from typing import Union


class Fields:
    """The fields of one message; what is not there is empty, as protobuf has it."""

    def __init__(self, message: bytes) -> None:
        """Raises ValueError for what is no message."""
        self._found: dict[int, list[Union[int, bytes]]] = {}
        at = 0
        while at < len(message):
            tag, at = _varint_at(message, at)
            value: Union[int, bytes] = 0
            kind = tag & 7
            if kind == 0:
                value, at = _varint_at(message, at)
            elif kind == 2:
                size, at = _varint_at(message, at)
                value, at = message[at : at + size], at + size
            elif kind in (1, 5):
                at += 8 if kind == 1 else 4
            else:
                raise ValueError(f"wire type {kind}")
            self._found.setdefault(tag >> 3, []).append(value)

    def message(self, number: int) -> "Fields":
        """The message in a field, of several the first. Raises ValueError."""
        return Fields(self._bytes(number, 0))

    def text(self, number: int) -> str:
        return self._bytes(number, -1).decode(errors="replace")

    def number(self, number: int) -> int:
        value = self._found.get(number, [0])[-1]
        return value if isinstance(value, int) else 0

    def _bytes(self, number: int, which: int) -> bytes:
        value = self._found.get(number, [b""])[which]
        return value if isinstance(value, bytes) else b""


def _varint_at(message: bytes, at: int) -> "tuple[int, int]":
    number = 0
    for index in range(10):
        if at + index >= len(message):
            raise ValueError("a number is cut off")
        byte = message[at + index]
        number |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return number, at + index + 1
    raise ValueError("a number is too long")
