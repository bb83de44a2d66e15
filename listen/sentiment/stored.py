"""Where the score of a stored mention comes from."""

from __future__ import annotations

from listen.model import Mention
from listen.sentiment import Explanation, explain, said


def explained(mention: Mention) -> tuple[Explanation, str, int] | None:
    """The explanation of the computed score, the text that was scored, and where in it the mention's text begins.

    None when there is no score, or when this engine would give another one: what another one thought is not known. A
    platform's tags are added to a text after it has been scored, as a last line.
    """
    computed = mention.score if mention.correction is None else mention.correction.was
    if computed is None:
        return None
    without_tags, _, last = mention.text.rpartition("\n\n")
    for text in (mention.text, without_tags) if last.startswith("#") else (mention.text,):
        spoken, begin = said(mention.title or "", text)
        explanation = explain(spoken, mention.lang)
        if explanation.score == computed:
            return explanation, spoken, begin
    return None
