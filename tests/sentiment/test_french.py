"""French: what its rules make of the words of the lexicon."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.sentiment import explain, french, rules, score
from listen.sentiment.pack import Pack, PackError, load

PACK = Path(french.__file__).parent / "packs" / "fr.toml"
WORDS = """
aime adore nul nulle déçu bon bien pas plus ne n'aime jamais sans très peu mais pourtant panne Merci BRAVO au top
marche rien à redire produit service . ! ? , ; ’ 😡 ❤ 👍 :) #ServiceNul @acme https://acme.example/super""".split()  # noqa: SIM905

sentences = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)


def of(text: str) -> int:
    found = score(text, "fr").score
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "J'adore ce vélo", "J’adore ce vélo", "Content de mon achat", "Super service", "pas déçu du tout", "Au top",
        "Je ne regrette pas", "sans problème", "Bravoooo", "C'est pas mal", "plus beau que jamais", "❤️",
        "Le service est nul, mais le vélo est génial", "Rien à redire", "livré rapidement",
    ],
)  # fmt: skip
def test_praise(text: str) -> None:
    assert of(text) > 50, explain(text, "fr")


@pytest.mark.parametrize(
    "text",
    [
        "Je n'aime pas ce produit", "J'aime pas ce produit", "Je ne suis pas satisfait", "n'est plus fiable", "NUL",
        "Ça ne marche pas", "Toujours pas de réponse", "Service client injoignable", "#ServiceNul", "fuyez",
        "Le vélo est génial mais le service est nul", "😡😡", "deçu", "Beaucoup trop de retard", "peu fiable",
    ],
)  # fmt: skip
def test_blame(text: str) -> None:
    assert of(text) < -50, explain(text, "fr")


@pytest.mark.parametrize(
    "text",
    [
        "La batterie pèse trois kilos", "bonjour, un renseignement svp", "Je prends la ligne 4", "Eh bien",
        "@super.marche https://top.example/genial", "une part du prix",
    ],
)  # fmt: skip
def test_what_says_nothing(text: str) -> None:
    assert of(text) == 0, explain(text, "fr")


def test_a_rule_ends_with_its_sentence() -> None:
    assert of("Je ne sais pas. Bon vélo") == of("Bon vélo")
    assert of("Mais oui. Bon vélo") == of("Bon vélo")


def test_a_negation_turns_a_word_round_by_a_known_share() -> None:
    plain, turned = explain("Il aime", "fr").words[0], explain("Il n'aime pas", "fr").words[0]
    assert turned.valence == pytest.approx(plain.valence * rules.NEGATED)
    assert [tuple(moved) for moved in turned.moved] == [("flipped", "pas")]


def test_a_row_of_one_emoji_counts_as_three() -> None:
    assert of("😡" * 3) == of("😡" * 30)


@given(sentences)
def test_the_score_is_the_formula_over_what_the_words_weigh(text: str) -> None:
    explained = explain(text, "fr")
    if explained.score is None:
        return
    weighed = math.fsum(word.valence for word in explained.words)
    added = math.copysign(rules.emphasis(text), weighed) if weighed else 0.0
    total = weighed + added
    assert explained.score == round(1_000 * total / math.sqrt(total * total + rules.ALPHA))


@given(sentences, sentences)
def test_sentences_add_up(one: str, other: str) -> None:
    """Capitals aside, and `!`, `?` and emoji, which are counted over the whole text."""
    one, other = (
        " ".join(word for word in text.lower().split() if word[0].isalnum() or word == ",") for text in (one, other)
    )

    def total(text: str) -> float:
        return math.fsum(word.valence for word in explain(text, "fr").words)

    assert total(f"{one} . {other}") == pytest.approx(total(one) + total(other))


def test_the_name_stored_with_a_score_is_the_packs() -> None:
    assert load(PACK).name == french.NAME == score("bon", "fr").engine


# --- packs -----------------------------------------------------------------------------------------------------------


def pack(tmp_path: Path, text: str) -> Pack:
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    return load(path)


def test_a_pack_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "words.tsv").write_text("# mine\n\nbof\t-1.5\n:-#\t-1\nréglé\t1\n", "utf-8")
    mine = pack(
        tmp_path,
        'lexicon = "words.tsv"\nnegations = "pas"\n[[words]]\nvalence = 2\nwords = "chouette bof"\n'
        '[[idioms]]\nvalence = -3\nwords = ["bof bof"]\n',
    )
    assert rules.score("chouette", mine) == (459, 1)
    assert rules.score("pas chouette", mine)[0] < 0
    assert rules.words("bof bof", mine)[0][0].weight == -3
    assert rules.score("regle", mine)[1] == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[words]]\nvalence = 9\nwords = "a"', "words 1: expected a number from -4 to 4, got 9"),
        ("[[words]]\nvalence = 1", "words 1: expected the keys `valence` and `words`"),
        ("[[idioms]]\nvalence = 1\nwords = 7", "idioms 1: expected words between blanks, or a list of them, got 7"),
        ("wrods = 1", "unknown table or key 'wrods'"),
        ("[[words]", "line 1"),
        ('lexicon = "none.tsv"', "none.tsv"),
    ],
)
def test_a_faulty_pack_says_where(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(PackError) as raised:
        pack(tmp_path, text)
    assert told in str(raised.value)
    assert "mine.toml" in str(raised.value) or "none.tsv" in str(raised.value)


def test_no_word_stands_in_two_groups_of_the_pack() -> None:
    """The later one would win, which nobody would see."""
    groups = tomllib.loads(PACK.read_text("utf-8"))["words"]
    seen: dict[str, float] = {}
    for group in groups:
        for word in group["words"].split():
            assert seen.setdefault(word, group["valence"]) == group["valence"], word
