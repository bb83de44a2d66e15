"""Rules of alerts that are begun, changed, switched and removed in the console, from whatever screen is in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listen.console.screens.desking import Desking
from listen.console.screens.marking import READ_ONLY

if TYPE_CHECKING:
    from listen.console.ruling import Draft
    from listen.console.screens.ruling import Saved


class Rules(Desking):
    """The verbs of rules. The collector does it, and what it says is told wherever the person is by then."""

    def edit_rule(self, name: str) -> None:
        """Its lines, to be changed."""
        from listen.console.ruling import Draft

        known = self.glance.rules
        if name in known.rules:
            self._write(Draft(name, known.rules[name], kept=self.kept.pop(("rule", name), {})))
        elif not name:
            self.tell(f"type its name behind the command: {', '.join(known.rules)}" if known.rules else "there is none")
        elif known.rules:
            self.tell(f"there is no rule {name} any more", "amber")
        else:
            self.tell(f"what {name} says is not known: no collector of this version has run since", "amber")

    def new_rule(self, name: str) -> None:
        """Empty lines."""
        from listen.console.ruling import Draft

        self._write(Draft(name, new=True, kept=self.kept.pop(("rule", name), {})))

    def _write(self, draft: Draft) -> None:
        if self.desk.hands is None:
            self.tell(READ_ONLY, "amber")
            return
        from listen.console.screens.ruling import RulePanel

        panel = RulePanel(self.desk, self.colours, draft, self.glance, self.heartbeat)
        self.app.push_screen(panel, self._save)

    def _save(self, saved: Saved | None) -> None:
        if saved is not None:
            self.wish(f"saving the rule {saved.name}", "", "edit", saved.body)

    def switch_rule(self, name: str, on: bool) -> None:
        """Watch by it, or no longer."""
        self._ask_of_rule(name, f"switching the rule {name} {'on' if on else 'off'}", {"on": on})

    def reset_rule(self, name: str) -> None:
        """What the file says of it."""
        self._ask_of_rule(name, f"resetting the rule {name}", {"reset": True})

    def remove_rule(self, name: str) -> None:
        """End one that was begun here; one of the file is switched off."""
        self._ask_of_rule(name, f"removing the rule {name}", {"remove": True})

    def _ask_of_rule(self, name: str, doing: str, body: dict[str, bool]) -> None:
        if name:
            self.wish(doing, "", "edit", {"rule": name, **body})
        else:
            self.tell("type its name behind the command")
