"""How connections are secured: TLS, client certificates, tokens."""

from __future__ import annotations

import asyncio
import inspect
import ipaddress
import os
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Union

import grpc

from .errors import FieldViolation, InvalidArgumentError, UnavailableError

TokenProvider = Callable[[], str | Awaitable[str]]
"""Returns the token that calls carry. It is called again after a minute, and when the server refuses the token."""

Material = Union[str, bytes, "os.PathLike[str]"]

_SHAPE = re.compile(r"[\x21-\x7e]+")
_REREAD = 60.0
"""How long a provider's token is used before it is asked again, in seconds."""
_REFUSED_AGAIN = 10.0
"""A token that was asked for because of a refusal, and is refused itself within this time, is final; in seconds."""


def invalid(field: str, problem: str) -> InvalidArgumentError:
    """The refusal of an option."""
    violation = FieldViolation(field, "INVALID_FIELD", problem)
    return InvalidArgumentError(f"{field}: {problem}", reason="INVALID_FIELD", violations=[violation])


@dataclass(frozen=True)
class Tls:
    """How connections are encrypted. Each part is PEM as bytes or text, or the path of a file.

    Files may be replaced: each new connection has what they hold then.
    """

    ca: Material | None = None
    """The authorities that may have signed the server's certificate. Default: those that gRPC brings."""
    cert: Material | None = None
    """This client's certificate, with those between it and its authority behind it."""
    key: Material | None = None
    """The key of ``cert``."""
    server_name: str | None = None
    """The name that the server's certificate must be for. Default: the host of the address."""

    def credentials(self) -> grpc.ChannelCredentials:
        """What a channel needs, read now."""
        if (self.cert is None) != (self.key is None):
            raise invalid("tls", "a client certificate needs both: cert and key")
        return grpc.ssl_channel_credentials(
            root_certificates=_read("tls.ca", self.ca),
            private_key=_read("tls.key", self.key),
            certificate_chain=_read("tls.cert", self.cert),
        )


def _read(field: str, material: Material | None) -> bytes | None:
    if material is None:
        return None
    if isinstance(material, bytes):
        data = material
    elif isinstance(material, str) and "-----BEGIN " in material:
        data = material.encode()
    else:
        try:
            data = Path(material).read_bytes()
        except OSError as error:
            raise invalid(field, f"cannot be read: {error.strerror}") from error
    if b"-----BEGIN " not in data:
        raise invalid(field, "holds nothing in PEM")
    return data


class Token:
    """The token of a connection, as the metadata ``authorization`` of each call."""

    def __init__(self, token: str | TokenProvider) -> None:
        self._provider = None if isinstance(token, str) else token
        self._metadata = _metadata_of(token) if isinstance(token, str) else None
        self._renew_at = float("inf")
        self._refused_at = float("-inf")

    async def metadata(self) -> tuple[tuple[str, str], ...]:
        """What a call carries."""
        if self._metadata is None or time.monotonic() >= self._renew_at:
            self._metadata = await self._ask()
            self._renew_at = time.monotonic() + _REREAD
        return self._metadata

    def refused(self) -> bool:
        """Notes that the server refused the token; returns whether the next call carries another one."""
        if self._provider is None or time.monotonic() - self._refused_at < _REFUSED_AGAIN:
            return False
        self._refused_at = time.monotonic()
        self._metadata = None
        return True

    async def _ask(self) -> tuple[tuple[str, str], ...]:
        assert self._provider is not None
        try:
            answer = self._provider()
            token = await asyncio.wait_for(answer, 10) if inspect.isawaitable(answer) else answer
            return _metadata_of(str(token))
        except Exception as error:
            raise UnavailableError(f"no token: {error}", reason="TOKEN_UNAVAILABLE") from error


def _metadata_of(token: str) -> tuple[tuple[str, str], ...]:
    if not _SHAPE.fullmatch(token):
        raise invalid("token", "expected one word of printable ASCII")
    return (("authorization", f"Bearer {token}"),)


def _token_of_file(path: Material) -> TokenProvider:
    def read() -> str:
        token = Path(os.fsdecode(path)).read_text().strip()
        if not token:
            raise ValueError(f"{path!r} is empty")
        return token

    return read


@dataclass(frozen=True)
class Security:
    """What the options of ``connect`` and the environment say of security."""

    tls: Tls | None
    token: str | TokenProvider | None


def in_loop(security: Security, loop: asyncio.AbstractEventLoop) -> Security:
    """The same security for another thread: a provider that is a coroutine function is called in the loop that it belongs to."""
    provider = security.token
    if not inspect.iscoroutinefunction(provider):
        return security
    ask = provider

    async def provide() -> str:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(ask(), loop))

    return replace(security, token=provide)


def security_of(
    addresses: Sequence[str],
    *,
    tls: bool | Tls | None,
    token: str | TokenProvider | None,
    token_file: str | os.PathLike[str] | None,
    insecure: bool,
    environment: Mapping[str, str],
) -> Security:
    """Reads the options; where they say nothing, the environment. Raises InvalidArgumentError of what is not usable."""
    if tls is None:
        tls = _tls_of(environment)
    found = (Tls() if tls else None) if isinstance(tls, bool) else tls
    if token is None and token_file is None:
        token = environment.get("SITQ_TOKEN") or None
        token_file = environment.get("SITQ_TOKEN_FILE") or None
    if token is not None and token_file is not None:
        raise invalid("token", "given twice: as a token and as a file")
    if token_file is not None:
        token = _token_of_file(token_file)
    elsewhere = next((each for each in addresses if not _stays_here(each)), None)
    if token is not None and found is None and not insecure and elsewhere is not None:
        raise invalid(
            "token", f"it is not sent to {elsewhere} in clear text: set tls, or insecure on a network that you trust"
        )
    if found is not None:
        found.credentials()
    if isinstance(token, str):
        _metadata_of(token)
    return Security(found, token)


def _tls_of(environment: Mapping[str, str]) -> bool | Tls:
    on = environment.get("SITQ_TLS", "")
    if on not in ("", "true", "false"):
        raise invalid("tls", f"SITQ_TLS is true or false, not {on}")
    ca, cert, key = (environment.get(f"SITQ_TLS_{name}") for name in ("CA", "CLIENT_CERT", "CLIENT_KEY"))
    name = environment.get("SITQ_TLS_SERVER_NAME")
    if on == "false":
        return False
    if ca or cert or key or name:
        return Tls(_path(ca), _path(cert), _path(key), name or None)
    return on == "true"


def _path(name: str | None) -> Path | None:
    return Path(name) if name else None


def _stays_here(address: str) -> bool:
    """Whether what is sent to an address stays on this machine."""
    if address.startswith("unix"):
        return True
    host = re.sub(r"^(?:dns|ipv4|ipv6):(?://[^/]*/)?", "", address).rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
