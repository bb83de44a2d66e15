"""How surely intents are read: labelled files, hits that a person judged, and what it costs beside tokenising.

    python -m tests.bench.bench_intents [--shared FOLDER] [--judged FILE] [--read INTENT --lang CODE]

The texts may not be shipped, so neither are the judgements of them: FILE has lines `lang<TAB>intent<TAB>sha1 of the
text<TAB>0 or 1`, and `--read` prints the hits that have none yet. Without FILE the precision of the packs is told as
they say it. A part of each labelled file was left alone while patterns were written ("aside").
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from listen import sentiment, text
from listen.cli.intents import sure
from listen.intents import Intent, built_in, intents
from listen.intents.reader import Reader
from listen.model import Prepared
from listen.query.match import Subject

ASIDE = 60
"""Texts whose number (of 100, from a hash) is not below it were not read while patterns were written."""


class Said(NamedTuple):
    """A text, and whether it shows the intent that is asked for."""

    text: str
    lang: str
    true: bool = False
    service: bool = True
    """It is said to or of a company."""


def aside(said: str) -> bool:
    return int(hashlib.sha1(f"intents:{said}".encode()).hexdigest(), 16) % 100 >= ASIDE


def complaints(folder: Path) -> list[Said]:
    rows = _rows(folder / "intent_en" / "complaints_dev.csv")
    return [Said(row["text"], "en", row["complaint"] == "1", not row["domain"].startswith("random")) for row in rows]


def airline(folder: Path, wanted: str) -> list[Said]:
    rows = _rows(folder / "intent_en" / "airline_dev.csv")
    return [Said(row["text"], "en", row["airline_sentiment"] == wanted) for row in rows]


def purchases(folder: Path) -> list[Said]:
    rows = _rows(folder / "intent_en" / "purchase_intent_dev.csv")
    return [Said(row["text"], "en", row["class"] == "yes") for row in rows if row["class"] in ("yes", "no")]


def energy(folder: Path, flag: str) -> list[Said]:
    rows = _rows(folder / "intent_fr" / "energy_tweets_fr_dev.csv")
    return [Said(row["text"], "fr", flag in row["flags"].replace("|", " ").replace(",", " ").split()) for row in rows]


def restaurants(folder: Path, part: str, wanted: str) -> list[Said]:
    """French sentences of one polarity."""
    found = [(said, tones) for said, tones in _sentences(folder / "target_fr" / f"gold-fr-{part}.txt")]
    return [Said(said, "fr", tones == {wanted}) for said, tones in found if len(tones) == 1]


def brands(folder: Path) -> Iterator[Said]:
    """Texts to or of companies and products, as the streams of a brand hold them."""
    yield from (said for said in complaints(folder) if said.service)
    yield from airline(folder, "")
    yield from (Said(row["text"], "en") for row in _rows(folder / "intent_en" / "purchase_intent_dev.csv"))
    with (folder / "target_en" / "brands_sxsw_dev.csv").open(encoding="utf-8", newline="") as opened:
        yield from (Said(max(row, key=len), "en") for row in csv.reader(opened))
    for file in sorted((folder / "target_en").glob("semeval14_*")):
        lines = file.read_text(encoding="utf-8").splitlines()
        yield from (Said(said.replace("$T$", what), "en") for said, what in zip(lines[::3], lines[1::3], strict=False))
    yield from energy(folder, "")
    for part in ("train", "dev"):
        yield from (Said(said, "fr") for said, _ in _sentences(folder / "target_fr" / f"gold-fr-{part}.txt"))


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def _sentences(file: Path) -> Iterator[tuple[str, set[str]]]:
    words: list[str] = []
    tones: set[str] = set()
    for line in [*file.read_text(encoding="utf-8").splitlines(), ""]:
        if line:
            word, tag, *_ = line.split("\t")
            words.append(word)
            tones |= {tag.partition("-")[2]} - {""}
        elif words:
            yield " ".join(words), tones
            words, tones = [], set()


def shown(reader: Reader, said: Said) -> list[str]:
    return reader.names_of("", said.text, said.lang, sentiment.score(said.text, said.lang).score)


def print_agreement(reader: Reader, name: str, told: str, texts: Iterable[Said]) -> None:
    hits = [(one.true, name in shown(reader, one)) for one in texts]
    right, found, true = sum(a and b for a, b in hits), sum(b for _, b in hits), sum(a for a, _ in hits)
    precision, recall = right / max(1, found), right / max(1, true)
    print(f"{name:<10} {told:<46} {len(hits):>6,}  {found:>5}  P {precision:.3f}  R {recall:.3f}")


def print_labelled(reader: Reader, folder: Path) -> None:
    print(f"{'intent':<10} {'labelled texts':<46} {'texts':>6}  {'found':>5}")
    both = [("seen", False), ("aside", True)]
    for part, unseen in both:
        told = [one for one in complaints(folder) if aside(one.text) == unseen]
        print_agreement(reader, "complaint", f"complaints, with random tweets, {part}", told)
        print_agreement(reader, "complaint", f"complaints, to services, {part}", [one for one in told if one.service])
    for part, unseen in both:
        told = [one for one in airline(folder, "negative") if aside(one.text) == unseen]
        print_agreement(reader, "complaint", f"tweets to airlines: negative, {part}", told)
    print_agreement(reader, "complaint", "tweets to an energy supplier, French, seen", energy(folder, "complaint"))
    print_agreement(reader, "complaint", "restaurants: negative, French, seen", restaurants(folder, "train", "NEG"))
    print_agreement(reader, "complaint", "restaurants: negative, French, aside", restaurants(folder, "dev", "NEG"))
    for name in ("churn", "crisis", "question"):
        print_agreement(reader, name, "tweets to an energy supplier, French, seen", energy(folder, name))
    print_agreement(reader, "praise", "restaurants: positive, French, aside", restaurants(folder, "dev", "POS"))
    for part, unseen in both:
        told = [one for one in airline(folder, "positive") if aside(one.text) == unseen]
        print_agreement(reader, "praise", f"tweets to airlines: positive, {part}", told)
        told = [one for one in purchases(folder) if aside(one.text) == unseen]
        print_agreement(reader, "purchase", f"tweets on a phone: yes or no, {part}", told)
    sarcastic = [one for one in energy(folder, "complaint") if one.true and "merci" in one.text.lower()]
    thanked = sum("praise" in shown(reader, one) for one in sarcastic)
    print(f"{len(sarcastic)} French complaints with a merci in them, {thanked} of them read as praise")


def print_judged(reader: Reader, folder: Path, judged: Path | None) -> None:
    """The precision of each intent among hits that a person read, as they are found now."""
    verdicts: dict[tuple[str, str, str], bool] = {}
    for line in judged.read_text(encoding="utf-8").splitlines() if judged else ():
        lang, name, sha, right = line.split("\t")
        verdicts[lang, name, sha] = right == "1"
    found: dict[tuple[str, str], list[bool]] = defaultdict(list)
    fires: dict[tuple[str, str], int] = defaultdict(int)
    for one in dict.fromkeys(brands(folder)):
        for name in shown(reader, one):
            fires[one.lang, name] += 1
            if (key := (one.lang, name, _sha(one.text))) in verdicts:
                found[one.lang, name].append(verdicts[key])
    print(f"\n{'intent':<10} lang  shipped  {'hits':>5}  as the pack says   as judged in {judged or 'no file'}")
    for one in built_in():
        hits = found[one.lang, one.name]
        now = f"{sum(hits) / len(hits):.2f} of {len(hits)}" if hits else "-"
        print(f"{one.name:<10} {one.lang:<5} {_on(one):<8} {fires[one.lang, one.name]:>5}  {sure(one):<18} {now}")


def _on(one: Intent) -> str:
    return "on" if one.on else "off"


def _sha(said: str) -> str:
    return hashlib.sha1(said.encode()).hexdigest()


def print_hits(reader: Reader, texts: Iterable[Said], name: str, lang: str) -> None:
    """What there is to judge."""
    for one in dict.fromkeys(texts):
        if one.lang == lang and name in shown(reader, one):
            print(f"{lang}\t{name}\t{_sha(one.text)}\t?\t{text.one_line(one.text, 200)}")


def print_cost(texts: Sequence[Said]) -> None:
    """What reading costs, beside tokenising the same texts; the least of three rounds, in processor time."""
    for lang in ("en", "fr"):
        some = [one for one in texts if one.lang == lang][:4_000]
        posts = [_post(one) for one in some]
        reader = Reader(intents({}))
        begun = time.process_time()
        reader.names(Subject.fresh(posts[0], spoken=posts[0].words.split()))
        first = time.process_time() - begun
        reading = min(_took(reader, posts) for _ in range(3))
        begun = time.process_time()
        for one in some:
            text.tokens(one.text)
        tokenising = time.process_time() - begun
        each = 1e6 / len(some)
        print(
            f"{lang}: {reading * each:.0f} µs a text, {reading / tokenising:.1f} of tokenising it; "
            f"{first * 1e3:.0f} ms before the first (load {os.getloadavg()[0]:.1f})"
        )


def _post(one: Said) -> Prepared:
    words, marks = text.tokens(one.text)
    score = sentiment.score(one.text, one.lang).score
    return Prepared("", "", "post", None, None, one.text, "", " ".join(words), marks, lang=one.lang, score=score)


def _took(reader: Reader, posts: Sequence[Prepared]) -> float:
    subjects = [Subject.fresh(post, spoken=post.words.split()) for post in posts]
    begun = time.process_time()
    for subject in subjects:
        reader.names(subject)
    return time.process_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[3] / "shared")
    parser.add_argument("--judged", type=Path)
    parser.add_argument("--read", metavar="INTENT")
    parser.add_argument("--lang", default="en")
    asked = parser.parse_args()
    folder = asked.shared / "fixtures" / "labelled"
    reader = Reader(intents({}))
    if asked.read:
        print_hits(reader, brands(folder), asked.read, asked.lang)
        return
    print_labelled(reader, folder)
    print_judged(reader, folder, asked.judged)
    print_cost(list(brands(folder)))


if __name__ == "__main__":
    main()
