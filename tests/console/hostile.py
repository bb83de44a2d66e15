"""Texts that want to do something to the terminal or to the screen, for every place that shows foreign text."""

from __future__ import annotations

import re

TEXTS = (
    "A\x1b]52;c;SEVMTE8=\x07B",
    "\x1b]52;c;SEVMTE8=\x1b\\",
    "\x1b]0;owned\x07title",
    "\x1b[2J\x1b[1;1HPWN",
    'x\x1bP$q"p\x1b\\y',
    "a\x9b31mZ \x9d52;c;QQ==\x9cB",
    "abc\u202egnp.exe",
    "safe headline\rEVIL\b\b\x0b\x0c\x7f",
    "\x00nul\x1f",
    "[/]",
    "a [/foo] b",
    "[@click=app.quit]free money[/]",
    "[x={'command': \"gh\"}]",
    "[link=javascript:alert(1)]x[/link]",
    "[red='x]",
    "[bold red on blue]styled? [1] [a] [note]",
    "$background {color} %s %(x)s",
    "Z\u0335\u0301\u0302\u0303" * 30,
    "\ud83d lone",
    "👨‍👩‍👧‍👦 family 🏳️‍🌈 flag 🇫🇷 👍🏽",
    "日本語のとても長い文章" * 20,
    "مرحبا \u2067 بالعالم",
    "\u200b\u200d\ufeff\u2028\u2029\u0085 line",
    "tab\there\nand\r\nlines",
    "",
    " ",
    "\u0301 begins with a mark",
    "x" * 3000,
)

FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What no cell of the screen may hold."""
