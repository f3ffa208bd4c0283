"""Handlers: functions with what their annotations say of the payload."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from .._typed import reader_of
from .._views import Event
from ..errors import PayloadMismatch
from ._context import Context

Function = Callable[..., Any]


class Handler:
    """A function that handles tasks.

    Of its parameters one is the payload, and others are filled by what they are annotated with, :class:`Context` or
    :class:`sitq.Event`; a parameter named ``ctx`` or ``context`` is a Context too.
    """

    __slots__ = ("_extras", "_payload", "_read", "function", "is_async", "name", "suspends")

    def __init__(self, function: Function, names: Mapping[str, Any]) -> None:
        self.function = function
        self.name = _name_of(function)
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(f"the handler {self.name} is a generator: it yields, and returns no result")
        self.is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
            getattr(function, "__call__", None)  # noqa: B004
        )
        self.suspends = False
        """Whether its last attempt has suspended: the runner keeps it."""
        hints = _hints_of(function, names)
        self._payload: str | None = None
        self._extras: list[tuple[str, bool]] = []
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            if parameter.kind is parameter.POSITIONAL_ONLY:
                raise TypeError(f"the parameter {name} of the handler {self.name} is positional only")
            hint = hints.get(name, parameter.empty)
            if hint is Context or (hint is parameter.empty and name in ("ctx", "context")):
                self._extras.append((name, False))
            elif hint is Event:
                self._extras.append((name, True))
            elif self._payload is None:
                self._payload = name
                self._read = reader_of(hint)
            elif parameter.default is parameter.empty:
                raise TypeError(f"the handler {self.name} has two parameters for the payload: {self._payload}, {name}")

    def call(self, context: Context) -> Any:
        """Calls the function. Raises PayloadMismatch if the payload is not what it takes."""
        arguments: dict[str, Any] = {}
        attempt = context._attempt
        if self._payload is not None:
            arguments[self._payload] = self._read(attempt.task.payload, "payload")
        for name, is_event in self._extras:
            arguments[name] = _event_of(context) if is_event else context
        return self.function(**arguments)


def _event_of(context: Context) -> Event:
    event = context.event
    if event is None:
        raise PayloadMismatch("payload", "is no event")
    return event


def _hints_of(function: Function, names: Mapping[str, Any]) -> dict[str, Any]:
    """The annotations of a function; ``names``: what is there where it is declared, beside its module."""
    target = function if inspect.isroutine(function) else type(function).__call__
    try:
        return get_type_hints(target, localns=dict(names), include_extras=True)
    except NameError as error:
        raise TypeError(f"the annotations of the handler {_name_of(function)} cannot be read: {error}") from error


def _name_of(function: Function) -> str:
    return getattr(function, "__name__", type(function).__name__)
