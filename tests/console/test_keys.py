"""The table of keys: no key twice, none that a layout or a multiplexer keeps for itself, and people's own keys."""

from __future__ import annotations

import itertools
import re

import pytest

from listen.console import keys
from listen.console.keys import KeysError

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


def test_own_keys_take_the_place_of_the_usual_ones() -> None:
    assert keys.keymap({"mention.done": "x, X"}) == {"mention.done": ("x", "X")}
    assert keys.keymap({"app.help": "?"}) == {"app.help": ("question_mark",)}
    assert keys.keymap({"list.page-down": "pgdn"}) == {"list.page-down": ("pagedown",)}
    (done,) = [key for key in keys.with_own({"mention.done": ("x",)}) if key.id == "mention.done"]
    assert done.keys == ("x",)
    assert keys.keymap({"mention.done": "d", "mention.dismiss": "a"})


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"mention.don": "x"}, 'did you mean "mention.done"?'),
        ({"mention.done": "hyper+x"}, '"hyper+x" is no key'),
        ({"mention.done": ""}, '"" is no key'),
        ({"mention.done": "d"}, '"d" would be both mention.done and mention.dismiss'),
        ({"mention.done": "j"}, '"j" would be both list.down and mention.done'),
        ({"x": "y", "z": "w"}, "\n"),
    ],
)
def test_what_cannot_be_is_told(own: dict[str, str], said: str) -> None:
    with pytest.raises(KeysError) as caught:
        keys.keymap(own)
    assert said in str(caught.value)


def test_the_table_is_light() -> None:
    import subprocess
    import sys

    program = "import sys, listen.console.keys; print('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"


def test_what_moves_is_in_the_table() -> None:
    assert set(keys.MOVES) <= set(keys.BY_ID)
    assert not [one for one in itertools.chain(keys.MOVES) if keys.BY_ID[one].later]
