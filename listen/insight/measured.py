"""What labels say of computed sentiment, in lines of plain text for the command line and the console."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from listen.insight.blind import Measured
from listen.insight.quality import FEW, NAMES, SIDES, Share
from listen.text import one_line

NAME = 24
"""Cells of a person's name at most."""

MARKS = "for scale: people agree with each other on tweets at about .63, chance is 0"
"""Krippendorff's alpha of three classes over the ratings of VADER's tweets (Hutto and Gilbert 2014)."""


def lines(told: Measured) -> list[str]:
    """All of it."""
    figures = told.figures
    found = list(_head(told))
    if figures.n:
        found += ["", *_confusion(told)]
    if not figures.few:
        found += ["", *_figures(told)]
    if told.pairs:
        found += ["", *_pairs(told)]
    if told.shares is not None:
        found += ["", *_shares(told)]
    return found


def estimate(told: Measured, topic: str) -> str:
    """The estimated shares of a topic in one sentence; empty where there are too few labels."""
    if told.shares is None or told.figures.accuracy is None:
        return ""
    shares = ", ".join(f"{NAMES[side]} {share}" for side, share in zip(SIDES, told.shares.corrected, strict=True))
    computed = ", ".join(f"{100 * one:.0f}" for one in told.shares.computed)
    return (
        f"toward {one_line(topic, NAME)}, estimated from {told.figures.n} labels: {shares} (computed {computed} %; "
        f"measured {told.figures.accuracy})"
    )


def record(told: Measured) -> dict[str, Any]:
    """The same for JSON: each figure with its interval, null where there are too few labels for it."""
    figures, shares = told.figures, told.shares
    return {
        "n": figures.n,
        "unscored": figures.unscored,
        "few": figures.few,
        "confusion": figures.confusion,
        "accuracy": _share(figures.accuracy),
        "macro_f1": _share(figures.macro_f1),
        "wrong_sign": _share(figures.wrong_sign),
        "kappa": _share(figures.kappa),
        "people": dict(told.people),
        "pairs": [
            {"one": pair.one, "other": pair.other, "n": pair.n, "agreement": round(pair.agreement, 4),
             "kappa": _share(pair.kappa)}
            for pair in told.pairs
        ],
        "computed": shares and dict(zip(SHORT, (round(one, 4) for one in shares.computed), strict=True)),
        "estimated": shares and dict(zip(SHORT, map(_share, shares.corrected), strict=True)),
    }  # fmt: skip


SHORT = ("neg", "neu", "pos")


def _share(share: Share | None) -> dict[str, float] | None:
    return None if share is None else {name: round(value, 4) for name, value in share._asdict().items()}


def _head(told: Measured) -> Iterator[str]:
    figures = told.figures
    who = ", ".join(f"{one_line(name, NAME)} {n}" for name, n in told.people)
    yield f"{figures.n + figures.unscored} labelled{f' ({who})' if who else ''}"
    if figures.unscored:
        yield f"{figures.unscored} of them not scored, and left out below"
    if figures.few:
        yield f"too few: {FEW - figures.n} more are needed for figures that say anything"


def _confusion(told: Measured) -> Iterator[str]:
    yield f"{'people say':>12}   computed {'   '.join(f'{NAMES[side]:>8}' for side in SIDES)}"
    for side, row in zip(SIDES, told.figures.confusion, strict=True):
        yield f"{NAMES[side]:>12}            {'   '.join(f'{n:8}' for n in row)}"


def _figures(told: Measured) -> Iterator[str]:
    figures = told.figures
    for name, share in (
        ("accuracy", figures.accuracy), ("macro-F1", figures.macro_f1), ("wrong sign", figures.wrong_sign),
        ("Cohen's kappa", figures.kappa),
    ):  # fmt: skip
        if share is not None and name in ("accuracy", "wrong sign"):
            yield f"{name:14} {100 * share.value:4.0f} %   ({100 * share.low:.0f}–{100 * share.high:.0f} %)"
        elif share is not None:
            yield f"{name:14} {share.value:6.2f}   ({share.low:.2f}–{share.high:.2f})"
    yield MARKS


def _pairs(told: Measured) -> Iterator[str]:
    for pair in told.pairs:
        kappa, both = pair.kappa, f"{one_line(pair.one, NAME)} and {one_line(pair.other, NAME)}"
        said = f"{both} agree on {100 * pair.agreement:.0f} % of {pair.n}"
        if kappa is not None:
            said += f", kappa {kappa.value:.2f} ({kappa.low:.2f}–{kappa.high:.2f})"
        yield said + (f"; too few, {FEW - pair.n} more for kappa" if pair.n < FEW else "")


def _shares(told: Measured) -> Iterator[str]:
    assert told.shares is not None
    yield f"{'':14} as computed   estimated without the errors measured"
    for side, computed, share in zip(SIDES, told.shares.computed, told.shares.corrected, strict=True):
        yield f"{NAMES[side]:14} {100 * computed:8.0f} %   {share}"
