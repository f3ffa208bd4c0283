"""The addresses of servers that share their data, and which of them is used."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from ._credentials import invalid

_SCHEME = re.compile(r"(unix|unix-abstract|dns|ipv4|ipv6):")
_LISTS = ("ipv4", "ipv6")
"""Schemes of gRPC that take several addresses after one name."""


def addresses_of(text: str) -> tuple[str, ...]:
    """The addresses in ``host:port,host:port``, of which each may be any name that gRPC resolves. Raises InvalidArgumentError."""
    parts = text.split(",")
    first = _scheme_of(parts[0])
    if first in _LISTS:
        parts = [part if _scheme_of(part) else f"{first}:{part}" for part in parts]
    for number, part in enumerate(parts, 1):
        if not part.strip():
            raise invalid("address", f"{text!r} has no address at place {number}")
        if _scheme_of(part) == "" and not re.fullmatch(r"\S*:\d+", part):
            raise invalid("address", f"{part!r} is no host:port")
        if part in parts[: number - 1]:
            raise invalid("address", f"{part!r} is given twice")
        if _scheme_of(part) != first:
            raise invalid("address", f"{parts[0]!r} and {part!r} are of two kinds: give all with one scheme, or none")
    return tuple(parts)


def _scheme_of(address: str) -> str:
    found = _SCHEME.match(address)
    return found[1] if found else ""


class Rotation:
    """Addresses in an order of its own, so that clients spread. The first is used until it is left, which makes it the last.

    In a round each address is used once: then it is of no use to go on without a pause.
    """

    def __init__(self, addresses: Sequence[str]) -> None:
        self._order = random.sample(addresses, len(addresses))
        self._left = 0

    @property
    def current(self) -> str:
        """The address that is used."""
        return self._order[0]

    @property
    def next(self) -> str:
        """The one that is used after it."""
        return self._order[1]

    @property
    def is_single(self) -> bool:
        """Whether there is no other one."""
        return len(self._order) == 1

    @property
    def has_more(self) -> bool:
        """Whether the next address was not used in this round."""
        return self._left < len(self._order) - 1

    def leave(self) -> None:
        """Uses the next address."""
        self._left += 1
        self._order.append(self._order.pop(0))

    def skip(self) -> None:
        """Passes over the next address."""
        self._left += 1
        self._order.append(self._order.pop(1))

    def begin_round(self) -> None:
        """Begins a round with the address that is used."""
        self._left = 0
