"""How well and how fast copies are found: `python -m tests.bench.bench_stories [--tweets FOLDER] [--posts 8000]`.

Texts (of the labelled tweets where they are at hand, else invented) are edited as people and papers edit them, mixed
with as many that only look alike, and written by the real writer. Precision and recall are of pairs: of two mentions in
one story, how many tell the same; of each copy and what it copies, how many share a story. Then what it costs, and the
memory of 1, 2 and 4 million signatures, before and after a restart.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import resource
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from listen import likeness, text
from listen.clock import PlayedClock
from listen.model import Author, Prepared
from listen.store import prints, schema, sqlite
from listen.store.prints import Prints
from listen.store.write import Writer
from tests.bench import world

PAIRS = 400
"""Pairs of one story that are looked at."""


@dataclass
class Told:
    post: Prepared
    tale: int
    """What tells the same has the same number."""
    edit: str
    """How it was made; `base` for the first, `stranger` for what merely looks like it."""


def made(number: int, tale: int, edit: str, body: str, rng: random.Random, **more: object) -> Told:
    title = more.pop("title", None)
    title_words, title_marks = text.tokens(str(title)) if title else ([], [])
    words, marks = text.tokens(body)
    given = {"kind": "post", "url": None, **more}
    post = Prepared(
        network="net", external_id=str(number), title=title, text=body, title_words=" ".join(title_words),  # type: ignore[arg-type]
        words=" ".join(words), marks=[*title_marks, *marks], author=Author(f"a{rng.randrange(5000)}"), lang="en",
        published_at=world.UNTIL - 90_000 + number, **given,
    )  # fmt: skip
    post.keys = likeness.keys(likeness.heard(post))
    return Told(post, tale, edit)


def without(words: Sequence[str], rng: random.Random, share: float) -> list[str]:
    gone = set(rng.sample(range(len(words)), max(1, int(share * len(words)))))
    return [word for at, word in enumerate(words) if at not in gone]


def cut(words: Sequence[str]) -> str:
    return " ".join(words[: max(5, int(len(words) * 0.75))]) + "…"


def changed(words: Sequence[str], rng: random.Random) -> str:
    at = rng.randrange(len(words))
    return " ".join([*words[:at], rng.choice(world.COMMON), *words[at + 1 :]])


EDITS: dict[str, Callable[[list[str], random.Random], str]] = {
    "exact": lambda words, rng: " ".join(words),
    "RT @who:": lambda words, rng: f"RT @user{rng.randrange(999)}: {' '.join(words)}",
    "via and link": lambda words, rng: (
        f"{' '.join(words)} via @paper{rng.randrange(99)} https://t.example/{rng.random()}"
    ),
    "capitals": lambda words, rng: " ".join(words).upper(),
    "stops and emoji": lambda words, rng: " ".join(words).replace(",", " –").rstrip(".!") + "!!! 🔥🔥",
    "two tags": lambda words, rng: f"{' '.join(words)} #acme #battery",
    "cut short": lambda words, rng: cut(words),
    "a word changed": changed,
    "a word in 12 dropped": lambda words, rng: " ".join(without(words, rng, 1 / 12)),
    "a comment before": lambda words, rng: f"So true: {' '.join(words)}",
}
LONG = ("a word changed", "a word in 12 dropped", "two tags", "cut short", "stops and emoji", "a comment before")
"""Edits that leave a short text another one."""


def tales(texts: Sequence[str], posts: int, rng: random.Random) -> list[Told]:
    """Bases, copies of each, and strangers, in the order of their arrival."""
    found: list[Told] = []
    spoken, texts = list(texts[::5]), [one for at, one in enumerate(texts) if at % 5]
    for tale, body in enumerate(texts):
        if len(found) >= posts:
            break
        words = body.split()
        found.append(made(len(found), tale, "base", body, rng))
        if tale % 3:
            continue
        for edit in rng.sample(sorted(EDITS), 3):
            if len(text.tokens(body)[0]) >= (12 if edit in LONG else likeness.SHORTEST):
                found.append(made(len(found), tale, edit, EDITS[edit](words, rng), rng))
        if tale % 9 == 0 and len(spoken) > 3:
            found += articles(len(found), tale, spoken, rng)
    first, *rest = found
    assert first.edit == "base"
    # Copies come a while after what they copy, between others.
    order = sorted(range(len(rest)), key=lambda at: at + rng.uniform(0, 300) * (rest[at].edit != "base"))
    return [first, *(rest[at] for at in order)]


def articles(number: int, tale: int, texts: list[str], rng: random.Random) -> list[Told]:
    """An article, what passes it on, and what people say about it."""
    headline = " ".join(texts.pop().split()[:9] + rng.sample(world.COMMON, 3))
    page = f"https://news.example/{tale}"
    body, other = (" ".join(rng.choices(world.COMMON, k=60)) for _ in range(2))
    one = 1_000_000 + tale
    found = [made(number, one, "base", body, rng, title=headline, kind="article", url=page)]
    found.append(made(number + 1, one, "headline and link", f"{headline} {page}?utm_source=x", rng))
    found.append(made(number + 2, one, "link alone", page, rng))
    found.append(made(number + 3, one, "same headline", other, rng, title=f"{headline} - Le Monde", kind="article",
                      url=f"https://monde.example/{tale}"))  # fmt: skip
    for at in range(3):
        said = " ".join(texts.pop().split()[:14])
        found.append(made(number + 4 + at, 2_000_000 + 3 * tale + at, "stranger", f"{said} {page}", rng))
    return found


def templates(number: int, count: int, rng: random.Random) -> list[Told]:
    """What only looks alike: the same sentence about other things."""
    subjects = ["battery", "charger", "screen", "camera", "invoice", "parcel", "hotline", "refund"]
    found = []
    for at in range(count):
        one, two = rng.sample(subjects, 2)
        said = (
            f"My {one} broke after {rng.randrange(2, 60)} {rng.choice(['days', 'weeks', 'months'])}, the {two} is "
            f"{rng.choice(['fine', 'gone', 'slow', 'great'])} and {rng.choice(world.COMMON)} {rng.choice(world.COMMON)}"
        )
        found.append(made(number + at, 9_000_000 + hash(said) % 900_000, "stranger", said, rng))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--posts", type=int, default=8_000)
    parser.add_argument("--tweets", type=Path, help="folder with the labelled tweets, for words of real people")
    parser.add_argument("--millions", type=int, nargs="*", default=[1, 2, 4])
    options = parser.parse_args()
    rng = random.Random(11)
    told = tales(base_texts(options.tweets, options.posts, rng), options.posts, rng)
    told += templates(len(told) + 1, options.posts // 20, rng)
    for number, one in enumerate(told):
        one.post.external_id, one.post.published_at = str(number), world.UNTIL - 90_000 + number
    print(f"{len(told):,} posts, {sum(one.edit not in ('base', 'stranger') for one in told):,} copies")
    with tempfile.TemporaryDirectory() as name:
        ids = written(Path(name), told)
        judge(told, ids)
    memory(options.millions)


def base_texts(folder: Path | None, posts: int, rng: random.Random) -> list[str]:
    if folder is None:
        vocabulary = [f"word{number}" for number in range(5_000)]
        return [
            " ".join(rng.choice(world.COMMON if rng.random() < 0.6 else vocabulary) for _ in range(rng.randint(6, 30)))
            for _ in range(posts)
        ]
    lines = (folder / "vader_icwsm2014/tweets_GroundTruth.txt").read_text("utf-8").splitlines()
    other = (folder / "umsab/langid_dev.tsv").read_text("utf-8").splitlines()
    texts = [line.split("\t")[2] for line in lines if line.count("\t") >= 2] + [
        line.partition("\t")[2] for line in other
    ]
    once = {tuple(text.tokens(body)[0]): " ".join(body.split()) for body in texts}
    return [body for words, body in once.items() if len(words) >= 4]


def written(folder: Path, told: Sequence[Told]) -> dict[int, int | None]:
    """Write all by the real writer; place in `told` -> story. Prints what finding the stories costs."""
    path = folder / "s.db"
    schema.prepare(path)
    connection = sqlite.connect_writer(path)
    writer = Writer(connection, PlayedClock(time.time(), float(world.UNTIL), 0.0))
    writer.claim()
    (source,) = writer.sync_sources([("a", "feed", {})]).values()
    channel = writer.sync_channels(source, [("a", "a")])["a"].id
    spent = [0.0]
    stories = writer.stories
    for name in ("place", "committed"):
        setattr(stories, name, timed(getattr(stories, name), spent))
    for start in range(0, len(told), 500):
        writer.add(channel, [one.post for one in told[start : start + 500]], seen_at=world.UNTIL)
    posts = [one.post for one in told[:4_000]]
    began = time.process_time()
    for post in posts:
        likeness.keys(likeness.heard(post))
    sketched = time.process_time() - began
    print(
        f"  keys (in the workshop) {1e6 * sketched / len(posts):.0f} us a post, finding its story (in the writer) "
        f"{1e6 * spent[0] / len(told):.0f} us of processor time: {len(told) / spent[0]:,.0f} posts/s"
    )
    rows = connection.execute("SELECT CAST(external_id AS INT), story_id FROM mentions").fetchall()
    connection.close()
    return dict(rows)


def timed(run: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    def again(*args: Any, **kwargs: Any) -> Any:
        began = time.process_time()
        try:
            return run(*args, **kwargs)
        finally:
            spent[0] += time.process_time() - began

    return again


def judge(told: Sequence[Told], ids: dict[int, int | None]) -> None:
    together: dict[int, list[int]] = defaultdict(list)
    tale: dict[int, list[int]] = defaultdict(list)
    for at, one in enumerate(told):
        if ids[at] is not None:
            together[ids[at] or 0].append(at)
        tale[one.tale].append(at)
    right = wrong = 0
    for members in together.values():
        for one, other in list(combinations(members, 2))[:PAIRS]:
            good = told[one].tale == told[other].tale
            right, wrong = right + good, wrong + (not good)
            if not good and wrong <= 14:
                print(f"    wrong: {told[one].post.text[:90]!r} | {told[other].post.text[:70]!r}")
    found: Counter[str] = Counter()
    all_of: Counter[str] = Counter()
    for members in tale.values():
        base = [at for at in members if told[at].edit == "base"]
        for at in members:
            if base and told[at].edit not in ("base", "stranger"):
                all_of[told[at].edit] += 1
                found[told[at].edit] += ids[at] is not None and ids[at] == ids[base[0]]
    print(f"  precision {right / max(1, right + wrong):.4f} of {right + wrong:,} pairs ({wrong} wrong)")
    print(f"  recall {found.total() / max(1, all_of.total()):.3f} of {all_of.total():,} copies")
    for edit, n in sorted(all_of.items()):
        print(f"    {edit:22} {found[edit] / n:.3f} of {n}")


def memory(millions: Sequence[int]) -> None:
    """Signatures are eight keys, as a text has seven and a link one."""
    gc.collect()
    table, rng, done = Prints(), random.Random(3), 0
    began = time.process_time()
    for million in millions:
        while done < million * 1_000_000:
            table.put(done << 12, [rng.getrandbits(63) for _ in range(8)])
            done += 1
        print(
            f"  {million} million signatures: {resident():.0f} MB resident, of which the table "
            f"{(8 * prints.SLOTS << table.bits) >> 20} MB; {1e6 * (time.process_time() - began) / done:.1f} us each"
        )
    if millions:
        keys = [rng.getrandbits(63) for _ in range(8)]
        table.put(7 << 12, keys)
        with tempfile.TemporaryDirectory() as name:
            file = Path(name) / "x-stories"
            times = []
            for _ in range(3):
                began = time.perf_counter()
                table.save(file, bytes(16), done, 0)
                again = Prints()
                assert again.load(file, bytes(16)) == (done, 0)
                times.append(time.perf_counter() - began)
            assert again.near(keys) == table.near(keys)
            assert 7 << 12 in again.near(keys)
            print(f"  saved and read again in {1e3 * statistics.median(times):.0f} ms, {file.stat().st_size >> 20} MB")


def resident() -> float:
    """Megabytes of this process in memory; the most there ever were where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


if __name__ == "__main__":
    main()
