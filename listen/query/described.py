"""What the fields of the query language, their closed values and some open ones mean, in a few words each."""

from __future__ import annotations

from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "topic": "one of your topics",
    "source": "where it was heard",
    "sentiment": "neg, neu, pos, or a number from -1 to 1",
    "since": "newer than this",
    "until": "up to this time",
    "status": "what was done with it",
    "author": "handle or name of who said it",
    "lang": "its language",
    "is": "starred, a question, a repost …",
    "has": "with a link, a title …",
    "kind": "post, comment, article …",
    "title": "words of the title alone",
    "text": "words of the text alone",
    "site": "the host of its link, such as lemonde.fr",
    "url": "a part of its link",
    "likes": "how many liked it",
    "replies": "how many answered it",
    "reposts": "how many passed it on",
    "views": "how many saw it",
    "followers": "how many follow its author",
    "rating": "stars of a review",
    "date": "a day, a month, a year",
    "seen": "when it was first seen",
    "tag": "your own tags",
    "view": "one of your views",
    "toward": "the tone toward a topic",
    "story": "one story told by many",
    "desk": "who has to answer",
    "intent": "what the author wants",
    "assignee": "who takes care of it",
    "country": "where its author is",
    "reach": "how many it reached",
}
"""Field -> what it asks for, in the order in which they are offered."""

FLAGS: Mapping[str, str] = {
    "is:starred": "marked with a star",
    "is:answered": "we answered it",
    "is:own": "said by one of our accounts",
    "is:noise": "coupons, giveaways, job bots, floods",
    "is:repost": "passed on by somebody",
    "is:reply": "an answer or a comment",
    "is:question": "a sentence ends in a question mark",
    "is:edited": "changed by its author since",
    "is:deleted": "taken back by its author",
    "is:withheld": "hidden by the platform",
    "has:link": "with a link of its own",
    "has:author": "its author is known",
    "has:title": "with a title",
    "has:note": "people left a note",
    "has:tag": "with a tag of yours",
    "status:new": "nobody dealt with it yet",
    "status:done": "dealt with",
    "status:answered": "answered",
    "status:dismissed": "left out of the numbers",
    "status:skipped": "passed over",
    "kind:post": "said on its own",
    "kind:comment": "said below something else",
    "kind:reply": "an answer to somebody",
    "kind:repost": "passed on unchanged",
    "kind:quote": "passed on with words of their own",
    "kind:article": "from a site or a paper",
    "kind:review": "with stars",
    "kind:issue": "a problem that was reported",
    "kind:video": "a film",
    "kind:episode": "a podcast's part",
    "kind:edit": "a change of a page",
    "kind:mail": "a letter",
    "kind:webhook": "sent to us by a program",
}
"""`field:value` -> what it means."""

TONES = (
    ("neg", "-0.05 and below"),
    ("neu", "between negative and positive"),
    ("pos", "0.05 and above"),
    ("none", "no word with a tone in it"),
    ("unknown", "not scored"),
    ("<-0.3", "below a number"),
    (">0.3", "above a number"),
    ("-1..-0.5", "a range"),
)
NUMBERS = ((">0", "any at all"), (">10", "more than ten"), (">1k", "more than a thousand"), ("10..100", "a range"))
TIMES = (
    ("1h", "an hour ago"),
    ("2h", "two hours ago"),
    ("24h", "a day ago"),
    ("7d", "a week ago"),
    ("4w", "four weeks ago"),
)
LANGUAGES: Mapping[str, str] = {
    "en": "English", "fr": "French", "de": "German", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "ja": "Japanese", "zh": "Chinese", "ko": "Korean", "ru": "Russian", "uk": "Ukrainian",
    "pl": "Polish", "tr": "Turkish", "ar": "Arabic", "hi": "Hindi", "sv": "Swedish", "da": "Danish",
    "no": "Norwegian", "fi": "Finnish", "cs": "Czech", "el": "Greek", "he": "Hebrew", "fa": "Persian",
    "id": "Indonesian", "vi": "Vietnamese", "th": "Thai", "ro": "Romanian", "hu": "Hungarian", "ca": "Catalan",
}  # fmt: skip
"""Code -> name of the languages that are written most."""
SYNTAX = (
    ("battery died", "both words, anywhere in title or text; accents and case do not matter"),
    ("battery OR charger", "one of them; AND, OR and NOT in capitals"),
    ("battery -toy", "without the word that follows the dash"),
    ("acme (battery OR charger)", "parentheses, since OR binds less than a blank"),
    ('"battery life"', "these words side by side"),
    ('"battery died"~5', "at most so many words apart"),
    ("battery NEAR/5 died", "the same; ONEAR/5 in this order"),
    ("bat* te?t", "words that begin so; any one letter"),
    ("{Orange}", "this very spelling"),
    ("#acme @claire", "a hashtag, a handle"),
    ("title:battery", "in the title; text: in the text"),
    ("topic:acme source:press", "what it is about, where it was heard"),
    ("author:claire lang:(fr de)", "who said it; one of several languages"),
    ("sentiment:neg", "its tone; sentiment:<-0.3 a number, sentiment:-1..-0.5 a range"),
    ("likes:>10 followers:1k..", "numbers: more than, less than, from .. to"),
    ("since:2h until:2026-01-31", "its time; date:2026-01 all of a month"),
    ("status:new is:starred has:link", "what was done with it, and what it is"),
    ("tag:vip assignee:ana has:note", "your own tags, who takes care of it, what you noted"),
    ("intent:complaint", "what its author wants"),
    ("acme <<< a remark >>>", "what stands between these is not looked for"),
)
"""How a query is written, for the help."""
