"""Few questions that hold many terms, for places that understand OR."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def packed(parts: Iterable[str], sign: str, longest: int) -> list[str]:
    """Few questions of at most `longest` characters that hold all parts, with `sign` between them.

    In the order of the parts, so that a new one leaves the others where they are, unless sorting by length saves a
    question (first-fit decreasing: never more than 11/9 of the fewest and 6/9 of a question, Dósa 2007). A part that is
    longer has a question of its own.
    """
    listed = list(dict.fromkeys(parts))
    plain = _first_fit(listed, sign, longest)
    if len(plain) > 1:
        sorted_ = _first_fit(sorted(listed, key=len, reverse=True), sign, longest)
        if len(sorted_) < len(plain):
            return sorted_
    return plain


def _first_fit(parts: Sequence[str], sign: str, longest: int) -> list[str]:
    found: list[str] = []
    for part in parts:
        for place, question in enumerate(found):
            if len(question) + len(sign) + len(part) <= longest:
                found[place] = question + sign + part
                break
        else:
            found.append(part)
    return found
