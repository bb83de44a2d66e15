"""What the patterns of noise hide of texts that people labelled for other purposes, each printed to be judged by eye.

    python -m tests.bench.bench_noise [--shared FOLDER]

Prints what a verdict costs beside tokenising the same texts.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from listen import noise, text
from listen.model import Mention
from listen.query.match import Subject
from tests.bench import labelled


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[3] / "shared")
    told = list(labelled.texts(parser.parse_args().shared / "fixtures" / "labelled"))
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
