"""What is asked of adapters, which may be those of other packages and do anything: their faults are their sources'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sources.base import (
    Adapter,
    Budget,
    Channel,
    Cost,
    Cursor,
    Door,
    Receives,
    Request,
    Settings,
    Socket,
    SourceError,
    Spends,
    Streams,
)
from sources.plugins import FOREIGN, told

REMEDY = "update or reinstall the package it comes from"


def channels_of(adapter: Adapter, settings: Settings, terms: Sequence[str]) -> list[Channel]:
    """The channels of a source. Raises SourceError."""
    try:
        found: Any = list(adapter.channels(settings, terms))
    except SourceError:
        raise
    except FOREIGN as error:
        raise _faulty(adapter, f"does not work: {told(error)}") from None
    sound = (isinstance(one, Channel) and isinstance(one.key, str) and isinstance(one.label, str) for one in found)
    if not all(sound):
        raise _faulty(adapter, "does not work: its channels() gives something else than channels")
    return found  # type: ignore[no-any-return]


def check(adapter: Adapter, channels: Sequence[Channel]) -> None:
    """What is asked of these channels later, before anything is built on it. Raises SourceError."""
    for channel in channels:
        try:
            budgets: Any = adapter.budgets(channel) if isinstance(adapter, Spends) else ()
            costs: Any = adapter.visit_costs(channel) if isinstance(adapter, Spends) else ()
            door: Any = adapter.door(channel) if isinstance(adapter, Receives) else None
        except FOREIGN as error:
            raise _faulty(adapter, f"does not work: {told(error)}") from None
        if not all(isinstance(one, Budget) for one in budgets) or not isinstance(door, Door | None):
            raise _faulty(adapter, "does not work: its budgets() or its door() gives something else")
        names = {one.name for one in budgets}
        if not all(isinstance(one, Cost) and one.budget in names for one in costs):
            raise _faulty(adapter, "does not work: its visit_costs() name no budget of its own")


def within(adapter: Adapter, channel: Channel, request: Request, left: Mapping[str, float]) -> Request:
    """A question that what is left of each budget pays for, if there is one. Raises SourceError."""
    try:
        smaller: Any = adapter.within(channel, request, left) if left and isinstance(adapter, Spends) else request
    except FOREIGN as error:
        raise _faulty(adapter, f"cannot say what to ask: {told(error)}") from None
    if not isinstance(smaller, Request) or not all(one.budget in left for one in smaller.costs):
        raise _faulty(adapter, "asks what costs something that is none of its budgets")
    return smaller


def request_of(adapter: Adapter, channel: Channel, cursor: Cursor, now: float) -> Request:
    """What to ask. Raises SourceError."""
    try:
        request: Any = adapter.request(channel, cursor, now)
    except SourceError:
        raise
    except FOREIGN as error:
        raise _faulty(adapter, f"cannot say what to ask: {told(error)}") from None
    if not isinstance(request, Request) or not isinstance(request.url, str):
        raise _faulty(adapter, f"cannot say what to ask: its request() gives {type(request).__name__}, not a Request")
    return request


def socket_of(adapter: Adapter, channel: Channel, cursor: Cursor, now: float) -> Socket | None:
    """Where to listen; None as long as that has to be asked for first. Raises SourceError."""
    try:
        if not isinstance(adapter, Streams):
            raise _faulty(adapter, "does not stream")
        socket: Any = adapter.socket(channel, cursor, now)
    except SourceError:
        raise
    except FOREIGN as error:
        raise _faulty(adapter, f"cannot say where to listen: {told(error)}") from None
    if socket is not None and not (isinstance(socket, Socket) and isinstance(socket.request, Request)):
        raise _faulty(adapter, f"cannot say where to listen: its socket() gives {type(socket).__name__}")
    return socket


def _faulty(adapter: Adapter, fault: str) -> SourceError:
    return SourceError("adapter", f"the adapter {adapter.name} {fault}", REMEDY)
