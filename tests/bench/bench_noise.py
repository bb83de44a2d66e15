"""What the patterns of noise hide of texts that people labelled for other purposes, each printed to be judged by eye.

    python -m tests.bench.bench_noise [--shared FOLDER]

Prints what a verdict costs beside tokenising the same texts.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator
from pathlib import Path

from listen import noise, text
from listen.model import Mention
from listen.query.match import Subject


def labelled(folder: Path) -> Iterator[tuple[str, str]]:
    """(file, text) of every labelled text below the folder."""
    for file in sorted(folder.glob("umsab/*/*_text.txt")) + sorted(folder.glob("tweeteval_sentiment/val_text.txt")):
        yield from ((file.parent.name, line) for line in _lines(file))
    for line in _lines(folder / "vader_icwsm2014" / "tweets_GroundTruth.txt"):
        yield "vader", line.split("\t")[-1]
    for line in _lines(folder / "umsab" / "langid_dev.tsv"):
        yield "langid", line.partition("\t")[2]
    for line in _lines(folder / "target_en" / "dong2014_train.raw")[::3]:
        yield "dong2014", line
    for file in (*sorted(folder.glob("intent_*/*.csv")), folder / "target_en" / "brands_sxsw_dev.csv"):
        with file.open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened))
        column = max(rows[0], key=lambda name: sum(len(row[name] or "") for row in rows))
        yield from ((file.stem, row[column] or "") for row in rows)


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[3] / "shared")
    told = list(labelled(parser.parse_args().shared / "fixtures" / "labelled"))
    judge = noise.Judge(noise.queries(noise.built_in()))
    begun = time.perf_counter()
    for _, line in told:
        text.tokens(line)
    tokenising = time.perf_counter() - begun
    subjects = [(file, Subject.of(Mention(1, "", "", "post", line))) for file, line in told]
    for _, subject in subjects:
        assert subject.spoken is not None
    begun = time.perf_counter()
    found = [(file, subject, judge.reasons(subject)) for file, subject in subjects]
    judging = time.perf_counter() - begun
    hidden = [one for one in found if one[2]]
    for file, subject, reasons in hidden:
        print(f"{file:<24} {', '.join(reasons):<34} {text.one_line(subject.record.text, 160)}")
    each = 1e6 / len(told)
    print(f"\n{len(hidden)} of {len(told):,} texts hidden, {len(hidden) / len(told):.3%}; whether each is noise: above")
    print(f"a verdict {judging * each:.1f} µs, tokenising {tokenising * each:.1f} µs a text")


if __name__ == "__main__":
    main()
