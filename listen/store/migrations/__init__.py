"""How the tables came to be: every migration, oldest first, in the order in which stores have gone through them.

What has been released is never changed: a new one goes to the end of the last module, and `SCHEMA_VERSION` counts it.
"""

from __future__ import annotations

from listen.store.migrations import alarms, beginning, numbers, people, views

STEPS: dict[str, str] = {**beginning.STEPS, **people.STEPS, **alarms.STEPS, **views.STEPS, **numbers.STEPS}
"""Name of a migration -> its statements, each ended by a semicolon at the end of its line."""
