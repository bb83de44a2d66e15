"""A plan in words: which table is walked, with which SQL, and what is tried before."""

from __future__ import annotations

from listen.store.plan import FEW, Plan, Walk


def steps(plan: Plan) -> list[str]:
    """A line for each branch and shortcut; values stand where the SQL has its `?`."""
    if not plan.branches:
        return ["nothing can match: no table is read"]
    lines = []
    for number, branch in enumerate(plan.branches, 1):
        name = f"branch {number} of {len(plan.branches)}: " if len(plan.branches) > 1 else ""
        lines.append(f"{name}{_step(branch.walk)}")
        lines += [f"  where a partition has fewer than {FEW} of them: {_step(one)}" for one in branch.shortcuts]
    if plan.checks:
        lines.append(f"{len(plan.checks)} of its conditions tested on the mention's own text")
    return lines


def _step(walk: Walk) -> str:
    sql, values = walk.select(0, 0, 0, newest_first=True)
    shown = sql.replace("search_0", "search_*") if walk.partitioned else sql
    told = ", ".join(repr(value) for value in values[:-2])
    return f"{shown}{f'  [{told}]' if told else ''}"
