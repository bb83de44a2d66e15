"""What authors want: the packs, what they read in texts written for this, where, and what a configuration changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen import query
from listen.intents import ANY, TRUSTED, built_in, intents, version
from listen.intents.patterns import branches
from listen.intents.reader import LONG, READ, Reader, subject_of
from listen.model import INTENTS, STAGES
from listen.query.match import compile
from listen.sentiment import score

READER = Reader(intents({}))


def read(text: str, lang: str, reader: Reader = READER) -> list[str]:
    return reader.names_of("", text, lang, score(text, lang).score)


SAID = [
    ("en", "My charger stopped working after two days", "complaint"),
    ("en", "Still waiting for an answer, nobody calls back", "complaint"),
    ("en", "Charged twice this month and the app keeps crashing", "complaint"),
    ("en", "Does anyone know where the nearest shop is?", "question"),
    ("en", "Great service at the Lyon shop, very helpful people", "praise"),
    ("en", "Highly recommend the Cargo 2", "recommend"),
    ("en", "Stay away from the Cargo 2", "dissuade"),
    ("en", "Where can I buy the blue one?", "question purchase"),
    ("en", "I want to cancel my subscription", "churn"),
    ("en", "The battery caught fire, my lawyer will write to you", "crisis"),
    ("en", "I have a tracking number but no parcel yet", "delivery"),
    ("en", "Is there a student discount?", "question price"),
    ("en", "It would be great if you added a dark mode", "idea"),
    ("en", "Are you hiring in Berlin?", "job"),
    ("en", "Is this in line with GDPR?", "privacy"),
    ("en", "The new shop opens on Monday", ""),
    ("en", "No problem, thanks!", ""),
    ("fr", "Le chargeur ne marche plus au bout de deux jours", "complaint"),
    ("fr", "Toujours pas de réponse du service client", "complaint"),
    ("fr", "Service lent, plats réchauffés", "complaint"),
    ("fr", "Pas bon, surgelé. Je suis déçu", "complaint"),
    ("fr", "Pourriez-vous me dire où est le magasin ?", "question"),
    ("fr", "Service impeccable, équipe adorable", "praise"),
    ("fr", "Je recommande vivement cette marque", "recommend"),
    ("fr", "Une boutique à éviter absolument", "dissuade"),
    ("fr", "Je vais commander le modèle bleu", "purchase"),
    ("fr", "Je résilie mon abonnement", "churn"),
    ("fr", "Je vais porter plainte, la batterie a pris feu", "crisis"),
    ("fr", "J'attends mon colis, le numéro de suivi ne dit rien", "delivery"),
    ("fr", "C'est bien trop cher", "price"),
    ("fr", "Ce serait bien d'avoir un mode sombre, il faudrait ajouter cela", "idea"),
    ("fr", "Je cherche un stage chez vous, à qui envoyer mon CV : lettre de motivation prête", "job"),
    ("fr", "Que faites-vous de mes données ? Le RGPD existe", "privacy"),
    ("fr", "La réunion est à dix heures", ""),
    ("fr", "Aucun problème, à demain", ""),
]
"""(language, text, what it shows at least; nothing at all where that is empty)"""


@pytest.mark.parametrize(("lang", "text", "wanted"), SAID, ids=[text for _, text, _ in SAID])
def test_what_is_said_so_is_read_so(lang: str, text: str, wanted: str) -> None:
    found = read(text, lang)
    assert set(wanted.split()) <= set(found)
    assert wanted or not found


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("fr", "Merci pour cette nouvelle augmentation de mes mensualités, bravo !"),
        ("fr", "Merci beaucoup pour les deux heures d'attente au téléphone"),
        ("fr", "Bravo, encore en panne. Un grand merci au service client"),
        ("fr", "Merci à toute l'équipe de ne jamais répondre"),
        ("en", "Thank you so much for losing my bag again"),
        ("en", "Great job, three power outages in a month. Thanks for nothing"),
        ("en", "Not very helpful, and they used to be the best"),
    ],
)
def test_a_sarcastic_thank_you_is_no_praise(lang: str, text: str) -> None:
    assert "praise" not in read(text, lang)


@pytest.mark.parametrize(
    "text",
    [
        "Personne n'a été déçu par le repas, le service n'est pas lent et rien de surgelé",
        "Pas de déception, les plats sont toujours copieux et vos serveurs aimables",
        "La serveuse vous sert du vin dans une belle coupe, à table",
    ],
)
def test_what_praises_by_denying_is_no_complaint(text: str) -> None:
    assert "complaint" not in read(text, "fr")


def test_the_packs_know_the_same_intents_in_each_language() -> None:
    for lang in ("en", "fr"):
        assert [one.name for one in built_in() if one.lang == lang] == list(INTENTS)
    assert all(one.means for one in built_in())
    assert {name for some in STAGES.values() for name in some} <= set(INTENTS)
    assert not [one.name for one in built_in() if one.on and one.precision is not None and one.precision < TRUSTED]


def test_every_pattern_finds_what_its_query_finds() -> None:
    for lang, text, _ in SAID:
        subject = subject_of("", text, lang, score(text, lang).score)
        for one in built_in():
            for asked in (*one.sure, *one.likely, *one.hints, *one.unless):
                holds = compile(query.parse(asked), 0.0)(subject)
                assert any(branch.holds(subject) for branch in branches(asked)) == holds, (text, one.name, asked)


TERMS = ("a", "b", "still", "no", '"a b"', '"no b"', "a*", "#a", "is:question", "(a OR b)", '("a b" OR still)')
_term = st.sampled_from(TERMS)
_near = st.builds("{} {}/{} {}".format, _term, st.sampled_from(["NEAR", "ONEAR"]), st.integers(0, 2), _term)
_both = st.lists(_term | st.builds("NOT {}".format, _term) | _near, min_size=1, max_size=3).map(" ".join)


@given(
    st.lists(_both, min_size=1, max_size=3).map(" OR ".join),
    st.lists(st.sampled_from(["a", "b", "ab", "still", "no", "x", "#a", "?"]), max_size=8).map(" ".join),
)
def test_branches_find_what_the_query_finds(asked: str, text: str) -> None:
    try:
        node = query.parse(asked)
    except query.QueryError:
        return
    subject = subject_of("a b", text, "en", None)
    found = [branch for branch in branches(asked) if branch.holds(subject)]
    assert bool(found) == compile(node, 0.0)(subject)
    heads = {word[:end] + "*" for word in subject.spoken for end in range(1, len(word) + 1)}
    for branch in found:
        assert not branch.keys or branch.keys & {*subject.spoken, *heads}, "it would not have been asked"


def test_the_words_that_show_it_are_told() -> None:
    text = "Bought it in May: it stopped working. Where can I buy another charger?"
    shown = {one.name: one for one in READER.shown(subject_of("Still no answer", text, "en", 0))}
    assert [text[slice(*span)] for span in shown["complaint"].text] == ["stopped working"]
    assert ["Still no answer"[slice(*span)] for span in shown["complaint"].title] == ["Still no answer"]
    assert "Where can I buy" in [text[slice(*span)] for span in shown["purchase"].text]


def test_of_a_long_text_the_beginning_counts_and_no_hints() -> None:
    filler = "word " * LONG
    assert read("a slow app and two errors, please help, still no", "en")
    assert "complaint" in read(f"{filler} it stopped working", "en")
    assert not read(f"{filler} the slow app has a problem and makes me sad and angry, please help", "en")
    assert not read("word " * READ + "it stopped working", "en")


def test_other_languages_and_those_unknown_show_nothing() -> None:
    assert read("it stopped working", "de") == []
    assert READER.names_of("", "it stopped working", None, None) == []
    assert READER.names_of("", "it stopped working", "en-GB", 0) == ["complaint"]


def test_a_configuration_adds_takes_away_and_makes_its_own() -> None:
    tables = {
        "warranty": {"query": "warranty OR garantie", "unless": '"no warranty"', "means": "the warranty"},
        "complaint": {"query": "bricked", "lang": "en"},
        "question": {"on": False},
    }
    found = intents(tables)
    reader = Reader(found)
    assert read("Out of warranty and bricked", "en", reader) == ["complaint", "warranty"]
    assert read("Sans garantie, bricked", "fr", reader) == ["warranty"]
    assert READER.names_of("", "garantie", "de", None) == []
    assert reader.names_of("", "garantie", "de", None) == ["warranty"], "without a language, in all of them"
    assert read("no warranty", "en", reader) == []
    assert read("Does anyone know where the nearest shop is?", "en", reader) == []
    assert "question" not in {one.name for one in found if one.on}
    assert [one.lang for one in found if one.name == "warranty"] == [ANY]
    assert version(found) != version(built_in())
    assert version(intents({})) == version(built_in())
