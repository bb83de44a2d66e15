"""The table of keys: no key twice, none that a layout or a multiplexer keeps for itself, and people's own keys."""

from __future__ import annotations

import itertools
import re

import pytest

from listen.console import keys
from listen.console.own_keys import KeysError, keymap, named
from tests.console.conftest import console
from tests.console.town import Town

LAYOUTS = {
    "us": "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./" + '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?',
    "fr": "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*<wxcvbn,;:!" + "1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µ>WXCVBN?./§",
    "de": "^1234567890ß´qwertzuiopü+asdfghjklöä#<yxcvbnm,.-" + "°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_",
    "es": "º1234567890'¡qwertyuiop`+asdfghjklñ´ç<zxcvbnm,.-" + 'ª!"·$%&/()=?¿QWERTYUIOP^*ASDFGHJKLÑ¨Ç>ZXCVBNM;:_',
}
"""What each layout gives with nothing or with shift."""

KEPT = {"ctrl+b", "ctrl+a", "ctrl+s", "ctrl+q", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m"}
"""Keys that multiplexers, flow control and terminals keep for themselves: never the only ones of a verb."""


def test_no_key_twice_where_both_are_alive() -> None:
    for scopes in keys.TOGETHER:
        alive = [name for key in keys.TABLE if key.scope in scopes for name in key.keys]
        assert sorted(alive) == sorted(set(alive))


def test_ids_are_unique_and_speak() -> None:
    ids = [key.id for key in keys.TABLE]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+\.[a-z-]+", one) for one in ids)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_verb_has_a_key_on_every_layout(layout: str) -> None:
    for key in keys.TABLE:
        signs = [keys.shown(name) for name in key.keys if name not in KEPT and "alt" not in name]
        reachable = [sign for sign in signs if len(sign) > 1 or sign in LAYOUTS[layout] or sign in "←→↑↓"]
        assert reachable, key.id
        assert not any(re.fullmatch(r"f\d+|alt.*|shift\+enter", name) for name in key.keys), key.id


def test_the_footer_says_the_design_s_keys() -> None:
    told = keys.footer(keys.TABLE, ("global", "lists", "mentions"))
    assert told[0] == ("j k", "move")
    assert told[-1] == ("?", "keys")
    assert len(told) <= 12


def test_the_readme_s_table_names_every_verb() -> None:
    table = keys.markdown()
    for key in keys.TABLE:
        assert f"`{key.id}`" in table
    assert len(table.splitlines()) == len(keys.TABLE) + 2


DESIGN = {
    "global": """
        app.help ? / app.palette : / app.stream 1 / app.overview 2 / app.alerts 3 / app.people 4 / app.sources 5
        app.next-pane tab l / app.previous-pane h / app.out esc / app.back q / app.quit Q / app.refresh R ctrl+r
        app.zoom z / app.undo u / app.redo U / app.shorter < / app.longer > / app.suspend ctrl+z""",
    "lists": """
        list.down j / list.up k / list.half-down ctrl+d / list.half-up ctrl+u / list.page-up pgup / list.page-down pgdn
        list.top g / list.bottom G / list.previous-new , / list.next-new ; / list.find SLASH / list.next-match n
        list.previous-match N / list.next-view J / list.previous-view K / list.open enter / list.mark space
        list.range V / list.mark-all * / list.filter f / list.filters F / list.drop-filter backspace / list.only =
        list.not ! / list.order O / list.save w / list.noise v""",
    "views": "view.edit e",
    "people": "person.unite e",
    "mentions": """
        mention.done a / mention.answered A / mention.dismiss d / mention.star s / mention.tag t / mention.edit e
        mention.better + / mention.worse - / mention.neutral 0 / mention.repeat . / mention.thread c / mention.reply r
        mention.open o / mention.copy y / mention.copy-text Y / mention.noise D""",
    "alerts, sources": """
        alert.done a / alert.dismiss d / alert.silence S / alert.toggle x / alert.try T / alert.note e
        alert.rule E""",
    "yes or no": "answer.keep a / answer.refuse d",
    "labelling": "label.better + / label.worse - / label.neutral 0",
    "inputs": "input.complete tab / input.older ↑ / input.newer ↓ / input.apply enter / input.leave esc",
}
"""The keys that the product promises, by scope: an id, then the keys that must be its."""

BESIDE = {"brief.skip", "brief.leave", "leave.stay-on", "leave.end", "input.complete-back", "list.stories"}
"""What a question of its own asks, on no screen's keys, the other direction of a promised key, and copies."""


def test_the_table_is_the_promised_one() -> None:
    promised = {}
    for scope, told in DESIGN.items():
        for part in re.split(r"/|\n", told):
            if words := part.split():
                promised[words[0]] = scope, {"/" if word == "SLASH" else word for word in words[1:]}
    assert set(keys.BY_ID) - BESIDE == set(promised)
    for name, (scope, signs) in promised.items():
        key = keys.BY_ID[name]
        assert key.scope == scope, name
        assert signs <= {keys.shown(one) for one in key.keys}, name


def test_no_key_needs_what_some_terminals_cannot_send() -> None:
    usual = re.compile(r"\w|[a-z_]+|ctrl\+[a-z]|shift\+tab")
    for key in keys.TABLE:
        for name in key.keys:
            assert usual.fullmatch(name), name
            assert not re.fullmatch(r"f\d+", name)
        assert set(key.keys) - KEPT, f"{key.id} relies on a key that something else may take"


def test_the_screens_are_reached_without_shift_on_azerty() -> None:
    places = ("app.stream", "app.overview", "app.alerts", "app.people", "app.sources")
    for sign, place in zip("&é\"'(", places, strict=True):
        assert sign in LAYOUTS["fr"].split("1", maxsplit=1)[0]
        assert named(sign) in keys.BY_ID[place].keys


def test_own_keys_take_the_place_of_the_usual_ones() -> None:
    assert keymap({"mention.done": "x, X"}) == {"mention.done": ("x", "X")}
    assert keymap({"app.help": "?"}) == {"app.help": ("question_mark",)}
    assert keymap({"list.page-down": "pgdn"}) == {"list.page-down": ("pagedown",)}
    assert keymap({"mention.star": "ctrl+x, f5, ç, ["}) == {
        "mention.star": ("ctrl+x", "f5", "ç", "left_square_bracket")
    }
    assert keymap({"mention.star": ",", "list.previous-new": "W"})["mention.star"] == ("comma",)
    (done,) = [key for key in keys.with_own({"mention.done": ("x",)}) if key.id == "mention.done"]
    assert done.keys == ("x",)
    assert keymap({"mention.done": "d", "mention.dismiss": "a"})


@pytest.mark.parametrize("sign", [chr(code) for code in range(0x21, 0x7F)] + list("éàç§ñß€"))
def test_every_sign_has_the_name_that_textual_gives_it(sign: str) -> None:
    from textual.keys import _character_to_key

    name = named(sign)
    assert name == _character_to_key(sign)
    assert keys.shown(name) == sign


@pytest.mark.parametrize(
    ("own", "at", "said"),
    [
        ({"mention.don": "x"}, "mention.don", 'did you mean "mention.done"?'),
        ({"mention.done": "hyper+x"}, "mention.done", '"hyper+x" is no key'),
        ({"mention.done": ""}, "mention.done", '"" is no key'),
        ({"mention.done": "xy"}, "mention.done", '"xy" is no key'),
        ({"mention.done": "shift+x"}, "mention.done", 'write "X"'),
        ({"mention.done": "ctrl+m"}, "mention.done", 'terminals send enter for "ctrl+m"'),
        ({"mention.done": "d"}, "mention.done", '"d" is the key of mention.dismiss, too'),
        ({"mention.done": "j"}, "mention.done", '"j" is the key of list.down, too'),
        ({"mention.done": "W", "mention.dismiss": "W"}, "mention.done", '"W" is the key of mention.dismiss, too'),
        ({"alert.toggle": "d"}, "alert.toggle", '"d" is the key of alert.dismiss, too'),
        ({"answer.keep": "q"}, "answer.keep", '"q" is the key of app.back, too'),
        ({"app.quit": "a"}, "app.quit", "too"),
        ({"input.apply": "a"}, "input.apply", '"a" is text while you type'),
        ({"input.apply": "esc"}, "input.apply", '"esc" is the key of input.leave, too'),
    ],
)
def test_what_cannot_be_is_told(own: dict[str, str], at: str, said: str) -> None:
    with pytest.raises(KeysError) as caught:
        keymap(own)
    assert {fault.id for fault in caught.value.faults} == {at}
    assert said in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(KeysError) as caught:
        keymap({"x": "y", "z": "w", "mention.done": "hyper+x"})
    assert len(caught.value.faults) == 3


def test_the_table_is_light() -> None:
    import subprocess
    import sys

    program = "import sys, listen.console.own_keys; print('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"


def test_what_moves_is_in_the_table() -> None:
    assert set(keys.MOVES) <= set(keys.BY_ID)
    assert not [one for one in itertools.chain(keys.MOVES) if keys.BY_ID[one].later]


OWN = {"mention.done": "x, W", "mention.dismiss": "a", "app.palette": ";", "list.next-new": "ctrl+n", "list.down": "P",
       "mention.edit": "j", "input.apply": "ctrl+y"}  # fmt: skip


async def test_own_keys_hold_in_bindings_footer_help_and_palette(town: Town) -> None:
    ids = town.talk(1)
    async with console(town.path, town.clock, own_keys=keymap(OWN)) as driven:
        assert "x done" in driven.footer()
        assert "a dismiss" in driven.footer()
        assert "; commands" in driven.footer()
        assert "P k move" in driven.footer()
        await driven.press("P")
        assert driven.feed.current == ids[1]
        await driven.press("x")
        await driven.until(lambda: driven.feed.row(ids[1]).status == "done")
        await driven.press("W", "a")
        await driven.until(lambda: driven.feed.row(ids[3]).status == "dismissed")
        assert driven.feed.row(ids[2]).status == "done"
        await driven.press("j")
        await driven.until(lambda: driven.screen.naming is not None, "the verb of the key that was given away")
        await driven.press("escape")
        await driven.until(lambda: driven.screen.naming is None)
        await driven.press("question_mark")
        await driven.until(lambda: re.search(r"^ +x W +done with it", driven.text(), re.MULTILINE), "the help")
        await driven.press("escape", "semicolon")
        await driven.until(lambda: type(driven.screen).__name__ == "Chooser", "the palette")
        await driven.type("dismiss")
        await driven.until(lambda: re.search(r"▌ dismiss .* a$", driven.text(), re.MULTILINE), "the palette's line")


async def test_own_keys_hold_in_the_filter_line(town: Town) -> None:
    town.talk(1)
    async with console(town.path, town.clock, own_keys=keymap(OWN)) as driven:
        await driven.press("f")
        await driven.type("rival")
        await driven.press("enter")
        assert driven.screen.filter is not None
        await driven.press("ctrl+y")
        await driven.until(lambda: driven.screen.filter is None, "the filter is applied")
        assert driven.screen.view.text == "rival"
