"""Where the score of a stored mention comes from."""

from __future__ import annotations

from listen.model import Mention
from listen.sentiment import Explanation, explain, explain_older, said


def explained(mention: Mention) -> tuple[Explanation, str, int] | None:
    """The explanation of the computed score, the text that was scored, and where in it the mention's text begins.

    None when there is no score, or when no engine that is known here would give it. A
    platform's tags are added to a text after it has been scored, as a last line.
    """
    computed = mention.score if mention.correction is None else mention.correction.was
    if computed is None:
        return None
    without_tags, _, last = mention.text.rpartition("\n\n")
    for text in (mention.text, without_tags) if last.startswith("#") else (mention.text,):
        spoken, begin = said(mention.title or "", text)
        for explanation in (explain(spoken, mention.lang), explain_older(spoken, mention.lang)):
            if explanation is not None and explanation.score == computed:
                return explanation, spoken, begin
    return None
