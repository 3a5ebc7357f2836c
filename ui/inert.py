"""Submitted text, harmless to look at: escaped, and with what cannot be seen made visible.

Characters that hide, reorder or join text are not sent to the browser at all: a mark stands in
their place and says which they were. Those that ordinary writing needs stay as they are: emoji
sequences, and the joiners of scripts that have them.
"""

import re
import unicodedata
from itertools import groupby
from re import Match

from markupsafe import Markup, escape

SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]+"
)
SHORT = {
    0x00AD: "SHY",
    0x061C: "ALM",
    0x200B: "ZWSP",
    0x200C: "ZWNJ",
    0x200D: "ZWJ",
    0x200E: "LRM",
    0x200F: "RLM",
    0x2028: "LS",
    0x2029: "PS",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2060: "WJ",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
    0xFEFF: "BOM",
}
TAGS = range(0xE0020, 0xE007F)
JOINERS = "\u200c\u200d"
EMOJI_STYLE = "\ufe0f"
FIRST_JOINING_SCRIPT = 0x0590  # Latin, Greek, Cyrillic and Armenian come before, and join nothing


def inert(value: object) -> Markup:
    """Return text as markup in which nothing acts and nothing hides.

    >>> inert("a<b> \u202egnp.exe")
    Markup('a&lt;b&gt; <span class="mark" title="U+202E RIGHT-TO-LEFT OVERRIDE">RLO</span>gnp.exe')
    >>> persian = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    >>> inert(persian) == persian
    True
    """
    text = str(value).replace("\r\n", "\n")
    parts, at = list[str](), 0
    for found in SUSPECT.finditer(text):
        parts += [escape(text[at : found.start()]), _shown(found)]
        at = found.end()
    return Markup("").join(Markup(part) for part in [*parts, escape(text[at:])])  # noqa: S704 - escaped above


def _shown(found: Match[str]) -> Markup:
    """Return marks for one run of characters, or the run itself where writing needs it."""
    if _needed(found):
        return escape(found[0])
    if all(ord(character) in TAGS for character in found[0]):
        hidden = "".join(chr(ord(character) - 0xE0000) for character in found[0])
        return _mark(f"tags “{hidden}”", "text hidden in tag characters")
    marks = list[Markup]()
    for character, run in groupby(found[0]):
        code, times = ord(character), len(list(run))
        name = unicodedata.name(character, "control, private or unassigned character")
        label = SHORT.get(code, f"U+{code:04X}") + (f" \u00d7{times}" if times > 1 else "")
        marks.append(_mark(label, f"U+{code:04X} {name}"))
    return Markup("").join(marks)


def _mark(label: str, title: str) -> Markup:
    return Markup('<span class="mark" title="{}">{}</span>').format(title, label)


def _needed(found: Match[str]) -> bool:
    """Tell whether a run is part of an emoji or joins letters of a script that joins."""
    text, run = found.string, found[0]
    before = text[found.start() - 1] if found.start() else ""
    after = text[found.end()] if found.end() < len(text) else ""
    if run == EMOJI_STYLE:
        return bool(before) and (unicodedata.category(before)[0] == "S" or before in "0123456789#*")
    if run in ("\u200d", EMOJI_STYLE + "\u200d") and before and after:
        if unicodedata.category(before)[0] == "S" and unicodedata.category(after)[0] == "S":
            return True
    if run in JOINERS and before and after:
        return all(
            unicodedata.category(one)[0] in "LM" and ord(one) >= FIRST_JOINING_SCRIPT
            for one in (before, after)
        )
    return False
