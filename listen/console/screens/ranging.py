"""How much of a view is shown and in which order: the time window and the orders."""

from __future__ import annotations

from typing import get_args

from listen.console import questions
from listen.console.feed import LIMIT
from listen.console.format import day
from listen.console.screens.asking import Asking
from listen.console.view import ORDERS, WINDOWS, WINDOWS_TOLD, Order, windowed
from listen.model import id_time

SUPERLATIVES: dict[Order, str] = {"worst": "worst", "endorsed": "most endorsed", "late": "late"}


class Ranging(Asking):
    """The keys of order and time window, for a screen with a stream."""

    def action_order(self) -> None:
        """The next order."""
        promised = any(one.promises for one in self.glance.desks)
        orders: list[Order] = [order for order in get_args(Order) if order != "late" or promised]
        at = (orders.index(self.view.order) + 1) % len(orders) if self.view.order in orders else 0
        self.open(self.view.text, order=orders[at])
        following = orders[(at + 1) % len(orders)]
        self.say(f"{ORDERS[orders[at]]} · {self.key('list.order')} again: {ORDERS[following]}")

    def window(self, by: int) -> None:
        """A longer (1) or a shorter (-1) time window; the query shows it."""
        at = WINDOWS.index(self.view.window) - by
        if by > 0 and not self.view.window:
            self.say(f"all of it is shown already; {self.key('app.shorter')} is a shorter time window")
        elif at >= len(WINDOWS):
            self.say(f"{WINDOWS_TOLD[-1]} is the shortest time window; {self.key('app.longer')} is a longer one")
        else:
            self.open(windowed(self.view.text, WINDOWS[at]), at=self.here())
            self.say(WINDOWS_TOLD[at])

    def within_window(self, text: str) -> str:
        """Another query with the time window of now, unless it says something about time by itself, or is a queue's.

        A queue is emptied as a whole: its count would not be what is listed otherwise.
        """
        if any(view.queue and view.text == text for view in self.glance.views):
            return text
        return windowed(text, self.view.window) if self.view.window and "since:" not in text else text

    def order_told(self) -> str:
        """The order when it is not the usual one, and of how much it is told."""
        view, feed = self.view, self.stream.feed
        superlative = SUPERLATIVES.get(view.order)
        if superlative is None:
            return "" if view.order == "newest" else ORDERS[view.order]
        back = day(id_time(view.ranked_to), self.desk.clock.now()) if view.ranked_to else ""
        if not view.loaded:
            return f"looking for the {superlative}{f', back to {back}' if back else ''} …"
        if back:
            return f"the {len(feed):,} {superlative} back to {back}"
        return ORDERS[view.order] if self._all_ranked else f"the {len(feed):,} {superlative} of all"

    @property
    def _all_ranked(self) -> bool:
        """Whether no mention of the view is left out of a ranked order."""
        return not self.view.ranked_to and len(self.stream.feed) < LIMIT

    def total_told(self) -> int | None:
        """How many mentions the view has, unless what is told of its order says of how many it is.

        A count that ran out of time may have found fewer than the list.
        """
        view = self.view
        if view.ranked and not (view.loaded and self._all_ranked):
            return None
        at_hand = 0 if view.counted or view.ranked else len(self.stream.feed.ids)
        return None if view.count is None else max(view.count, min(at_hand, questions.COUNTED))
