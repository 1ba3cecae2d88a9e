"""Reads the dialogue files: a header of `key: value` lines, then one line per turn.

Turns            `C: …` the customer's side, `A: …` the agent's side
Timing           `A~: …` begins before the other has finished; `C+1.5: …` begins 1.5 s after
Cut from audio   `PAUSE SecurePause 12.5` or `PAUSE Pause 8`: the recorder stood still for so many seconds
Ground truth     `[PHONE_NUMBER:r oh seven seven …]`; r = the requestor's, a = an agent's, t = a third party's
Recognizer       `{seven>eleven@0.41}` spoken "seven", recognized "eleven" with that confidence;
                 `{four one one one>4111}` one written token for several spoken words;
                 `{um>}` spoken but not recognized; `{street@0.35}` recognized, but unsure
"""

import re
from dataclasses import dataclass, field

_TURN = re.compile(r"^([CA])(~|\+[\d.]+)?: (.+)$")
_PAUSE = re.compile(r"^PAUSE (SecurePause|Pause) ([\d.]+)$")
_TOKEN = re.compile(r"\[([A-Z_]+):([rat]) |\]|\{([^}]*)\}|([^\s\[\]{}]+)")
_RECOGNIZED = re.compile(r"^([^>@]*)(>[^@]*)?(?:@([\d.]+))?$")
_OWNERS = {"r": "requestor", "a": "agent", "t": "third_party"}
_CHANNELS = {"C": 0, "A": 1}


@dataclass
class Unit:
    """Spoken words and what the recognizer made of them together."""

    spoken: list
    written: list
    confidence: float | None = None


@dataclass
class Item:
    """One stretch of personal data, as the indexes of its first and last unit."""

    entity: str
    owner: str
    first: int
    last: int


@dataclass
class Turn:
    """What one side says without giving up the floor."""

    channel: int
    overlap: bool
    gap_s: float | None
    units: list = field(default_factory=list)
    items: list = field(default_factory=list)


@dataclass
class Pause:
    """A stretch that was never recorded."""

    reason: str
    seconds: float


def read(path):
    """The header as a dict, and the turns and pauses in order."""
    header, steps = {}, []
    head, body = path.read_text(encoding="utf-8").split("\n\n", 1)
    for line in head.splitlines():
        key, value = line.split(":", 1)
        header[key.strip()] = value.strip()
    for number, line in enumerate(body.splitlines(), head.count("\n") + 3):
        if not line.strip():
            continue
        if pause := _PAUSE.match(line):
            steps.append(Pause(pause[1], float(pause[2])))
        elif turn := _TURN.match(line):
            steps.append(_turn(turn, f"{path.name}:{number}"))
        else:
            raise SystemExit(f"{path.name}:{number}: not a turn: {line}")
    return header, steps


def _turn(match, place):
    mark = match[2] or ""
    turn = Turn(_CHANNELS[match[1]], mark == "~", float(mark[1:]) if mark[:1] == "+" else None)
    opened = None
    for token in _TOKEN.finditer(match[3]):
        if token[1]:
            opened = Item(token[1], _OWNERS[token[2]], len(turn.units), 0)
        elif token[0] == "]":
            opened.last = len(turn.units) - 1
            turn.items.append(opened)
            opened = None
        elif token[3] is not None:
            turn.units.append(_unit(token[3], place))
        elif turn.units and re.fullmatch(r"[.,?!]+", token[4]):
            _punctuate(turn.units[-1], token[4])
        else:
            turn.units.append(Unit([token[4]], [token[4]]))
    if opened:
        raise SystemExit(f"{place}: `[` without `]`")
    return turn


def _unit(text, place):
    match = _RECOGNIZED.match(text)
    if not match or not match[1]:
        raise SystemExit(f"{place}: cannot read `{{{text}}}`")
    written = match[1] if match[2] is None else match[2][1:]
    return Unit(match[1].split(), written.split(), float(match[3]) if match[3] else None)


def _punctuate(unit, mark):
    """Punctuation after a bracket belongs to the word inside it."""
    unit.spoken[-1] += mark
    if unit.written:
        unit.written[-1] += mark
