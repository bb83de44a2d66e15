"""A query's tree -> a predicate over one mention: the meaning of every node, which the SQL compiler must agree with.

Words      `any`: side by side within the title's tokens or within the text's, never from one into the other.
           `prefix`: the last token begins so.
Near       there is one occurrence of each part such that, in the parts' own order (`ordered`) or in some order, each
           starts at or after the end of the one before it with at most `distance` tokens between. Occurrences never
           overlap; all lie in the title or all in the text.
Pattern    a token of exactly these characters, `?` being any one; `prefix`: a token that begins so.
Exact      its tokens side by side as in Words, *and* its spelling, case kept, in the stored title or text (of `where`),
           any white space for a blank, no letter or digit adjoining one at its edges; letters of scripts without spaces
           are no such neighbours.
Mark       among the marks of title and text.
Facet      one of the values holds:
  topic      fold(name of a matched topic) = value
  source     fold(name of a source that heard it) = value, or fold(its adapter's name) = value
  author     with h = fold(handle) and n = fold(name), the store's handle_key and name_key: h = value, or h begins with
             value + "@", or n = value; where the value ends in `*`: h or n begins with the rest of it
  lang, country, kind, status    equal
  is         starred, own, noise: the flag; corrected: people said what its sentiment is; answered: status answered, or
             replied; repost: kind repost; reply: kind reply or comment (a repost has a parent, too); question:
             `attributes.is_question`; edited: state edited or edited_at known; deleted, withheld: the state
  has        link, title: known and not empty; author: known; note, tag: people left one
  site       `attributes.host_of(url)` = value, or ends with "." + value
  url        `ascii_lower(url)` holds the value
  tag        fold(one of its tags) = value
  intent     one of its intents = value (`listen.intents`); `stage:` is an AND of these (`listen.query.fields`)
  segment    fold(a segment of the customer who said it, under whichever account) = value
  story      the number of its story = value
  id         its number = value
  assignee   who takes care of it = value; people are stored folded (`listen.store.tags.person_of`); `me`, once the book
             has put it in: whoever asks
Number     low and high against followers (of the author), likes, replies, reposts, views, rating, score (sentiment:
             what people say, else what was computed)
Tone       `listen.model.tone(score, hits)` is one of the values
Toward     fold(name of a matched topic) = topic, and the Number or Tone holds of the score and the hits toward it
Time       low <= time < high; `time` is the id's, `seen` is seen_at
Weekly     the day of the week, the hour of the day of `time`, by the clock of its zone (`listen.query.weekly`)
has:topic  it matches one of the active topics
View       in one of these saved queries, once they are in its place (`listen.query.book`); before that unknown
Desk, Late  as the book says, once it has put them in their places; before that unknown
Later      unknown

A comparison with an unknown value (None) is false, and Not of it true.
"""

from __future__ import annotations

import operator
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import cast

from listen.model import Mention, Prepared, tone
from listen.query import attributes, tree
from listen.text import query_tokens, tokens

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_BESIDE = rf"[^\W_{_UNSPACED}]"
_ATTACHED = "[\u0300-\u036f\u0900-\u0dff\u0f71-\u0f84]"
"""Signs that Python's letters leave out: accents that stand alone, vowel signs of India and Tibet."""

HEAD = 12
"""Letters of a prefix by which an index files a topic."""

MANY = 8
"""Words of an OR from which on the set of a mention's words is made and asked."""

Predicate = Callable[["Subject"], bool]


class Subject:
    """A mention as predicates see it: its record, and its tokens, made once and only when asked for.

    `title_line` and `text_line` hold tokens between single blanks, with one blank at both ends, so that looking for
    " a b " finds a phrase; `line` is both, with a break between that no phrase crosses. `spoken` are all tokens in
    order, `words` is their set: dearer to make than to look into a line, so left to those who ask for many words.
    """

    line: str
    marks: Sequence[str]
    record: Mention | Prepared
    spoken: Sequence[str]
    text_line: str
    title_line: str
    words: frozenset[str]

    topics: Iterable[str] = ()
    toward: Mapping[str, tuple[int | None, int | None]] = MappingProxyType({})
    """Name of a topic that it matches -> (score, hits) toward it."""
    status = "new"
    starred = False
    own = False
    noise = False
    corrected = False
    replied = False
    tags: Iterable[str] = ()
    noted = False
    assignee: str | None = None
    story: int | None = None
    id: int | None = None
    segments: Iterable[str] = ()
    intents: Iterable[str] = ()
    time: int | None = None
    seen_at: int | None = None

    def __init__(self, record: Mention | Prepared, sources: Iterable[str], adapters: Iterable[str]) -> None:
        self.record, self.sources, self.adapters = record, sources, adapters

    @classmethod
    def of(cls, mention: Mention) -> Subject:
        """A stored mention. Its texts are tokenised when a predicate first asks for a word."""
        subject = cls(mention, mention.sources, mention.adapters)
        subject.topics, subject.status, subject.starred = mention.topics, mention.status, mention.starred
        subject.toward = mention.toward
        subject.own, subject.time, subject.seen_at = mention.own, mention.time, mention.seen_at
        subject.noise, subject.corrected = mention.noise, mention.correction is not None
        subject.replied, subject.story, subject.id = mention.replied, mention.story, mention.id
        subject.tags, subject.noted, subject.assignee = mention.tags, mention.note is not None, mention.assignee
        subject.segments, subject.intents = mention.segments, mention.intents
        return subject

    @classmethod
    def fresh(
        cls,
        post: Prepared,
        sources: Iterable[str] = (),
        adapters: Iterable[str] = (),
        spoken: Sequence[str] | None = None,
    ) -> Subject:
        """A post on its way into the store. Of its time, topics and triage nothing is known.

        `spoken` are the tokens of title and text for whoever has them at hand: it spares splitting the lines again.
        """
        subject = cls(post, sources, adapters)
        subject.intents = post.intents.split(" ") if post.intents else ()
        subject.line, subject.marks = f" {post.title_words} \n {post.words} ", post.marks
        if spoken is not None:
            subject.spoken = spoken
        return subject

    def __getattr__(self, name: str) -> object:
        """Reached only for what was not made yet."""
        if name == "spoken":
            self.spoken = self.line.split()
        elif name == "words":
            self.words = frozenset(self.spoken)
        elif name in ("title_line", "text_line"):
            self.title_line, _, self.text_line = self.line.partition("\n")
        elif name in ("line", "marks"):
            title, title_marks = tokens(self.record.title or "")
            text, marks = tokens(self.record.text)
            self.line, self.marks = f" {' '.join(title)} \n {' '.join(text)} ", title_marks + marks
        else:
            raise AttributeError(name)
        return cast(object, getattr(self, name))


def compile(node: tree.Node, now: float) -> Predicate:
    """The predicate of a tree. Same tree, same `now` (Unix seconds), same answers."""
    match node:
        case tree.All():
            return lambda subject: True
        case tree.And(items):
            return _every([compile(item, now) for item in sorted(items, key=_cost)])
        case tree.Or(items):
            return _some(items, now)
        case tree.Not(item):
            return _negated(compile(item, now))
        case tree.Words():
            return _words(node)
        case tree.Near():
            return _near(node)
        case tree.Pattern(token, prefix, where):
            line = _line_of(where)
            return lambda subject: _pattern(token, prefix).search(line(subject)) is not None
        case tree.Exact():
            return _exact(node)
        case tree.Mark(token):
            return lambda subject: token in subject.marks
        case tree.Facet(name, values):
            return attributes.facet(name, values)
        case tree.Number():
            return attributes.number(node)
        case tree.Tone(tones):
            return lambda subject: tone(subject.record.score, subject.record.hits) in tones
        case tree.Toward():
            return attributes.toward(node)
        case tree.Time():
            return attributes.time(node, now)
        case tree.Weekly():
            return attributes.falls(node)
        case tree.View() | tree.Desk() | tree.Late() | tree.Later():
            return lambda subject: False


# --- logic ------------------------------------------------------------------------------------------------------------


def _cost(node: tree.Node) -> int:
    """Cheap questions first: an And stops at the first no."""
    match node:
        case tree.Words() | tree.Mark():
            return 0
        case tree.Near() | tree.Exact() | tree.Pattern():
            return 2
        case tree.And() | tree.Or() | tree.Not():
            return 3
    return 1


def _every(predicates: list[Predicate]) -> Predicate:
    def every(subject: Subject) -> bool:
        for predicate in predicates:  # noqa: SIM110 - all() with a generator takes twice the time
            if not predicate(subject):
                return False
        return True

    return every


def _some(items: tuple[tree.Node, ...], now: float) -> Predicate:
    """Many single words are asked for all at once."""
    words = frozenset(word for item in items if (word := _single_word(item)))
    if len(words) < MANY:
        words = frozenset()
    predicates = [compile(item, now) for item in sorted(items, key=_cost) if _single_word(item) not in words]

    def some(subject: Subject) -> bool:
        if words and not words.isdisjoint(subject.words):
            return True
        for predicate in predicates:  # noqa: SIM110
            if predicate(subject):
                return True
        return False

    return some


def _single_word(node: tree.Node) -> str:
    match node:
        case tree.Words(tokens=(word,), prefix=False, where="any"):
            return word
    return ""


def _negated(predicate: Predicate) -> Predicate:
    return lambda subject: not predicate(subject)


# --- words ------------------------------------------------------------------------------------------------------------


def _line_of(where: tree.Where) -> Callable[[Subject], str]:
    return operator.attrgetter({"any": "line", "title": "title_line", "text": "text_line"}[where])


def _words(node: tree.Words) -> Predicate:
    needle = " " + " ".join(node.tokens) + ("" if node.prefix else " ")
    if node.where == "any":
        return lambda subject: needle in subject.line
    line = _line_of(node.where)
    return lambda subject: needle in line(subject)


@lru_cache(maxsize=4_096)
def _pattern(token: str, prefix: bool) -> re.Pattern[str]:
    """What stands in a line where a token is what the pattern says: made when it is first asked, which takes long."""
    return re.compile(" " + re.escape(token).replace(r"\?", "[^ \n]") + ("" if prefix else " "))


def _exact(node: tree.Exact) -> Predicate:
    found, prefix = query_tokens(node.text)
    words = _words(tree.Words(tuple(found), prefix, node.where))
    in_title, in_text = node.where != "text", node.where != "title"

    def exact(subject: Subject) -> bool:
        if not words(subject):
            return False
        # Made only now: to make it takes longer than to parse the query.
        record, spelled = subject.record, spelling(node.text).search
        if in_text and spelled(record.text):
            return True
        return bool(in_title and record.title and spelled(record.title))

    return exact


@lru_cache(maxsize=1_024)
def spelling(text: str) -> re.Pattern[str]:
    """What stands in a stored text where it is spelled so."""
    return re.compile(
        f"(?<!{_BESIDE})" * _edged(text[0])
        + r"\s+".join(re.escape(part) for part in text.split())
        + f"(?!{_BESIDE}|{_ATTACHED})" * _edged(text[-1])
    )


def _edged(sign: str) -> bool:
    """Whether a word that ends in this sign could go on beyond it."""
    return re.match(_BESIDE, sign) is not None


def _near(node: tree.Near) -> Predicate:
    needles = [f" {' '.join(part)} " for part in node.parts]
    sizes = [len(part) for part in node.parts]
    lines = [_line_of("title"), _line_of("text")] if node.where == "any" else [_line_of(node.where)]

    def near(subject: Subject) -> bool:
        for line_of in lines:
            line = line_of(subject)
            if all(needle in line for needle in needles):
                words = line.split()
                starts = around_the_rarest([_starts(words, part) for part in node.parts], sizes, node.distance)
                if all(starts) and chained(node, starts, sizes):
                    return True
        return False

    return near


def _starts(words: list[str], part: tuple[str, ...]) -> list[int]:
    """Where a part stands, ascending."""
    first, size = part[0], len(part)
    places = [at for at, word in enumerate(words) if word == first]
    return places if size == 1 else [at for at in places if tuple(words[at : at + size]) == part]


def around_the_rarest(starts: list[list[int]], sizes: list[int], distance: int) -> list[list[int]]:
    """The occurrences that are not too far from one of the part that occurs least: in a long text these are few."""
    rarest = min(starts, key=len)
    span = sum(sizes) + distance * len(sizes)
    kept = []
    for begins in starts:
        places = [bisect_left(rarest, begin - span) for begin in begins]
        kept.append([at for at, no in zip(begins, places, strict=True) if no < len(rarest) and rarest[no] <= at + span])
    return kept


def chained(node: tree.Near, starts: list[list[int]], sizes: list[int]) -> bool:
    """Whether parts that stand at these places, none of them nowhere, are near each other as the node asks."""
    return (_in_order if node.ordered else _in_any_order)(starts, sizes, node.distance)


def _in_order(starts: list[list[int]], sizes: list[int], distance: int) -> bool:
    """For each part the ends that can be reached from the part before; the latest end before a start serves best."""
    ends = [at + sizes[0] for at in starts[0]]
    for begins, size in zip(starts[1:], sizes[1:], strict=True):
        reached, at = [], 0
        for begin in begins:
            while at + 1 < len(ends) and ends[at + 1] <= begin:
                at += 1
            if ends[at] <= begin <= ends[at] + distance:
                reached.append(begin + size)
        if not reached:
            return False
        ends = reached
    return True


def _in_any_order(starts: list[list[int]], sizes: list[int], distance: int) -> bool:
    """Walk all occurrences by their start; for each set of parts that a chain can hold keep its latest end.

    The latest end that is not beyond the next start leaves the smallest gap, so no other one need be kept; ends that
    lie beyond it wait in `coming`.
    """
    whole = (1 << len(starts)) - 1
    latest: dict[int, int] = {}
    coming: list[tuple[int, int]] = []
    for begin, part in sorted((begin, part) for part, begins in enumerate(starts) for begin in begins):
        waiting = []
        for end, held in coming:
            if end <= begin:
                latest[held] = max(end, latest.get(held, 0))
            else:
                waiting.append((end, held))
        coming, bit, end = waiting, 1 << part, begin + sizes[part]
        coming.append((end, bit))
        for held, last in list(latest.items()):
            if begin - last > distance:
                del latest[held]
            elif not held & bit:
                if held | bit == whole:
                    return True
                coming.append((end, held | bit))
    return len(starts) == 1 and bool(starts[0])


# --- many queries at once ---------------------------------------------------------------------------------------------


class TopicIndex:
    """Topics by the words that their matches must hold, so that a mention meets only the topics whose words it has.

    Each topic is filed under a set of keys of which every match holds one: a token, a mark, or the first letters of a
    prefix or pattern. Under a key that is the whole of the topic (`acme OR #acme`) no predicate is filed: the hit is
    the answer. Under others the predicate decides. Topics without such keys are always asked.
    """

    def __init__(self, topics: Mapping[int, tree.Node], now: float) -> None:
        self.filed: dict[str, list[tuple[int, Predicate | None]]] = {}
        self.always: list[tuple[int, Predicate]] = []
        for number, node in topics.items():
            keys, whole, predicate = _keys(node), _whole(node), compile(node, now)
            if keys is None:
                self.always.append((number, predicate))
            for key in keys or ():
                self.filed.setdefault(key, []).append((number, None if key in whole else predicate))
        self.among = frozenset(self.filed).intersection
        heads = [key[:-1] for key in self.filed if key.endswith("*")]
        self.sizes = sorted({len(head) for head in heads})
        self.begin_so = re.compile(f" {_glance(heads)}({_trie(heads)}[^ \n]*)").findall if heads else None

    def match(self, subject: Subject) -> list[int]:
        """The numbers of the topics that the mention matches, ascending."""
        hits = self.among(subject.spoken)
        if subject.marks:
            hits |= self.among(subject.marks)
        if self.begin_so and (words := self.begin_so(subject.line)):
            hits |= self.among(f"{word[:size]}*" for word in words for size in self.sizes)
        if not hits and not self.always:
            return []
        found = {number for number, predicate in self.always if predicate(subject)}
        for key in hits:
            for number, predicate in self.filed[key]:
                if predicate is None or (number not in found and predicate(subject)):
                    found.add(number)
        return sorted(found)


def _glance(heads: Sequence[str]) -> str:
    """A look at the letters with which one of these can begin: most words are let go by it, a third sooner."""
    letters = [re.escape("".join(dict.fromkeys(place))) for place in zip(*heads, strict=False)]
    return f"(?={''.join(f'[{some}]' for some in letters)})"


def _trie(heads: Iterable[str]) -> str:
    """A pattern for words that begin with one of these. Common first letters are shared, so more heads cost little."""
    if "" in heads:
        return ""
    following: dict[str, list[str]] = {}
    for head in heads:
        following.setdefault(head[0], []).append(head[1:])
    branches = [re.escape(sign) + _trie(rests) for sign, rests in sorted(following.items())]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _keys(node: tree.Node) -> frozenset[str] | None:
    """Keys of which every match holds at least one; None when there are none."""
    match node:
        case tree.Words(words, prefix):
            whole = words[:-1] if prefix else words
            return frozenset((max(whole, key=len),)) if whole else frozenset((f"{words[-1][:HEAD]}*",))
        case tree.Near(parts):
            return frozenset((max((word for part in parts for word in part), key=len),))
        case tree.Pattern(token):
            return frozenset((f"{token.partition('?')[0][:HEAD]}*",))
        case tree.Exact(text):
            found, prefix = query_tokens(text)
            return _keys(tree.Words(tuple(found), prefix))
        case tree.Mark(token):
            return frozenset((token,))
        case tree.And(items):
            return min((keys for item in items if (keys := _keys(item)) is not None), key=_commonness, default=None)
        case tree.Or(items):
            branches = [_keys(item) for item in items]
            return frozenset[str]().union(*(keys for keys in branches if keys)) if None not in branches else None
    return None


def _commonness(keys: frozenset[str]) -> float:
    """A guess at how often one of them occurs: longer words are rarer, beginnings more frequent than words."""
    return sum(1 / len(key) ** 2 * (4 if key.endswith("*") else 1) for key in keys)


def _whole(node: tree.Node) -> frozenset[str]:
    """Keys that alone make a match."""
    match node:
        case tree.Words(words, prefix, "any") if len(words) == 1:
            return frozenset(words) if not prefix else frozenset((f"{words[0]}*",))
        case tree.Mark(token):
            return frozenset((token,))
        case tree.Or(items):
            return frozenset[str]().union(*(_whole(item) for item in items))
    return frozenset()
