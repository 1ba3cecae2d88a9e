#!/usr/bin/env python3
"""Builds calls.jsonl from the calls in the .txt files beside this script.

    python3 convert.py

Needs Python 3.10 and nothing else.  Every call has a seed of its own, so the same script gives the same
bytes.  Times are simulated from the letters and digits of the words.

The .txt files are written by hand, one turn a line; empty lines mean nothing:

    == en-GB spoken err             starts a call: language, style, recognizer errors or not (ok)
    A: can i take your name         a turn of the agent
    C: it's [NAME|r|ann lee]        a turn of the caller, with an item: code (see KINDS), owner, words
    ~A: thank you                   a turn that overlaps the one before
    C: four {five} six              a word that was said but lost: it takes time and gives no text

Owners are r (requestor), a (agent) and t (third party).
"""

import json
import random
import re
import sys
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
KINDS = {
    "NAME": "PERSON_NAME", "TEL": "PHONE_NUMBER", "CARD": "CREDIT_CARD", "EXP": "CARD_EXPIRY", "CVV": "CVV",
    "SSN": "SSN", "NINO": "NATIONAL_INSURANCE", "NID": "NATIONAL_ID", "DOB": "DATE_OF_BIRTH",
    "ADDR": "ADDRESS", "MAIL": "EMAIL", "ACC": "ACCOUNT_NUMBER", "ROUT": "BANK_ROUTING", "IBAN": "IBAN",
    "MED": "MEDICAL_ID", "PASS": "PASSPORT", "DL": "DRIVER_LICENSE", "REG": "VEHICLE_REG",
    "DEV": "DEVICE_ID", "IP": "IP_ADDRESS", "PIN": "PIN", "PW": "PASSWORD", "HT": "HEALTH_TERM",
}
OWNERS = {"r": "requestor", "a": "agent", "t": "third_party"}
LANGUAGES = {"en-US", "en-GB", "en-IE", "en-AU", "en-IN", "de-DE"}
STYLES = {"spoken", "formatted", "mixed"}
TURN = re.compile(r"(~?)([AC]): ?(.+)$")
MARK = re.compile(r"\[([A-Z]+)\|([rat])\|")
# How far an item may reach out of the shown words of its turn, as lost words do.
SLACK_MS = 600


class MarkupError(Exception):
    """A line that is not markup, with its place."""


@dataclass
class Turn:
    overlaps: bool
    side: str
    text: str
    where: str


@dataclass
class Call:
    language: str
    style: str
    errors: bool
    where: str
    turns: list = field(default_factory=list)


@dataclass
class Word:
    text: str
    lost: bool
    item: int | None


def read_calls(path):
    """The calls of one file."""
    calls = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        line, where = line.strip(), f"{path.name}:{number}"
        if line.startswith("=="):
            calls.append(read_header(line, where))
        elif line:
            if not calls:
                raise MarkupError(f"{where}: a turn before the first call")
            calls[-1].turns.append(read_turn(line, where))
    return calls


def read_header(line, where):
    fields = line[2:].split()
    if len(fields) < 3:
        raise MarkupError(f"{where}: {line!r}")
    language, style, errors = fields[:3]
    if language not in LANGUAGES or style not in STYLES or errors not in ("ok", "err"):
        raise MarkupError(f"{where}: {line!r}")
    return Call(language, style, errors == "err", where)


def read_turn(line, where):
    match = TURN.match(line)
    if not match:
        raise MarkupError(f"{where}: {line!r}")
    return Turn(match[1] == "~", match[2], match[3], where)


def read_marks(turn):
    """The characters of a turn, each with the number of its item or None, and the items."""
    letters, items, current, at = [], [], None, 0
    while at < len(turn.text):
        letter = turn.text[at]
        if letter == "[" and current is None:
            mark = read_mark(turn, at)
            items.append((KINDS[mark[1]], OWNERS[mark[2]]))
            current, at = len(items) - 1, mark.end()
            continue
        if letter in "[|" or (letter == "]" and current is None):
            raise MarkupError(f"{turn.where}: stray {letter} in {turn.text!r}")
        if letter == "]":
            current = None
        else:
            letters.append((letter, current))
        at += 1
    if current is not None:
        raise MarkupError(f"{turn.where}: open [ in {turn.text!r}")
    return letters, items


def read_mark(turn, at):
    mark = MARK.match(turn.text, at)
    if not mark or mark[1] not in KINDS:
        raise MarkupError(f"{turn.where}: bad mark in {turn.text!r}")
    return mark


def words_of(turn):
    """The words of a turn, and its items as (kind, owner)."""
    letters, items = read_marks(turn)
    words, current = [], []
    for letter, item in letters + [(" ", None)]:
        if not letter.isspace():
            current.append((letter, item))
        elif current:
            words.append(make_word(current, turn))
            current = []
    if all(word.lost for word in words):
        raise MarkupError(f"{turn.where}: empty turn")
    if {word.item for word in words} - {None} != set(range(len(items))):
        raise MarkupError(f"{turn.where}: empty item")
    return words, items


def make_word(letters, turn):
    text = "".join(letter for letter, _ in letters)
    items = {item for _, item in letters} - {None}
    if len(items) > 1:
        raise MarkupError(f"{turn.where}: two items in one word {text!r}")
    return Word(text.strip("{}"), text.startswith("{"), items.pop() if items else None)


def spoken_ms(rng, text):
    """How long a word takes to say."""
    core = re.sub(r"[^\w@]", "", text)
    if not core:
        return 90
    length = sum(rng.randint(230, 330) if letter.isdigit() else rng.randint(60, 90) for letter in core)
    length += 210 * len(re.findall(r"[@._/-]", text.rstrip(".,?!")))
    if len(core) == 1 and core.isalpha() and core.lower() not in "ai":
        length += 110
    return max(length, rng.randint(90, 130))


def pause_ms(rng, text):
    """The pause behind a word, longer at punctuation."""
    pause = 30 if rng.random() > 0.12 else rng.randint(90, 320)
    if text[-1:] in ",.?!…" and rng.random() < 0.6:
        pause += rng.randint(90, 300)
    return pause


def place(rng, words, start):
    """Start and end of each word of a turn."""
    spans, now = [], start
    for word in words:
        pause = pause_ms(rng, word.text)
        end = now + spoken_ms(rng, word.text)
        spans.append((now, end))
        now = end + pause
    return spans


def times(spans):
    """Start of the first word, then lengths; a negative number is a pause before the next word."""
    out, last = [spans[0][0]], spans[0][0]
    for start, end in spans:
        if start > last:
            out.append(last - start)
        out.append(end - start)
        last = end
    return out


class Clock:
    """When the turns of a call begin."""

    def __init__(self):
        self.now, self.length, self.ends = 400, 0, {"A": 0, "C": 0}

    def start(self, rng, turn):
        start = self.now + rng.randint(200, 900)
        if turn.overlaps:
            overlap = min(rng.randint(250, 900), max(self.length - 150, 100))
            start = max(self.now - overlap, self.ends[turn.side] + 40)
        return start

    def stop(self, side, start, end):
        self.length = end - start
        self.ends[side] = end
        self.now = max(self.now, end)


def make_turn(rng, turn, clock):
    """A turn and its items, as they stand in calls.jsonl."""
    words, items = words_of(turn)
    start = clock.start(rng, turn)
    spans = place(rng, words, start)
    clock.stop(turn.side, start, spans[-1][1])
    heard = [(word.text, span) for word, span in zip(words, spans) if not word.lost]
    line = [turn.side, " ".join(text for text, _ in heard), times([span for _, span in heard])]
    return line, [[*item, turn.side, *item_span(words, spans, at)] for at, item in enumerate(items)]


def item_span(words, spans, item):
    """Start and end of an item, lost words included."""
    own = [span for word, span in zip(words, spans) if word.item == item]
    return own[0][0], own[-1][1]


def make_call(number, call):
    name = f"blind-{number:03}"
    rng, clock = random.Random(zlib.crc32(name.encode())), Clock()
    turns, items = [], []
    for turn in call.turns:
        line, found = make_turn(rng, turn, clock)
        turns.append(line)
        items += found
    return {"id": name, "split": "held_back", "style": call.style, "language": call.language,
            "errors": call.errors, "turns": turns, "items": items}


def warnings(call, line):
    """What is likely a slip of the writer."""
    said = " ".join(text for _, text, _ in line["turns"])
    if call.style == "spoken" and re.search(r"[A-ZÄÖÜ0-9?!;]|[.,](\s|$)", said):
        odd = re.findall(r"\S*[A-ZÄÖÜ0-9?!.,]\S*", said)
        yield f"spoken with {odd[:6]}"
    turns, items = len(line["turns"]), len(line["items"])
    if not 8 <= turns <= 40 or not 3 <= items <= 25:
        yield f"{turns} turns, {items} items"


def check(line):
    """Reads the times back; every item must lie in a turn of its side."""
    spans = [(side, *span_of(text, numbers)) for side, text, numbers in line["turns"]]
    for kind, _, side, start, end in line["items"]:
        inside = any(side == other and first - SLACK_MS <= start < end <= last + SLACK_MS
                     for other, first, last in spans)
        if not inside:
            raise ValueError(f"{line['id']}: a {kind} is outside of the turns")


def span_of(text, numbers):
    """Start and end of a turn."""
    if sum(number > 0 for number in numbers[1:]) != len(text.split()):
        raise ValueError(f"not one length a word: {text!r}")
    return numbers[0], numbers[0] + sum(abs(number) for number in numbers[1:])


def count(lines):
    """How many calls, turns and items of each sort there are."""
    counts = Counter()
    for line in lines:
        errors = "err" if line["errors"] else "ok"
        counts.update([f"style {line['style']}", f"language {line['language']}", f"errors {errors}"])
        counts.update(turns=len(line["turns"]), items=len(line["items"]))
        for kind, owner, *_ in line["items"]:
            counts.update([f"kind {kind}", f"owner {owner}"])
    return counts


def main():
    calls = [call for path in sorted(HERE.glob("*.txt")) for call in read_calls(path)]
    lines = [make_call(number, call) for number, call in enumerate(calls, 1)]
    for call, line in zip(calls, lines):
        check(line)
        for warning in warnings(call, line):
            print(f"warning: {call.where}: {warning}")
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    (HERE / "calls.jsonl").write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(lines)} calls")
    for name, number in sorted(count(lines).items()):
        print(f"{name:32}{number}")


if __name__ == "__main__":
    try:
        main()
    except MarkupError as error:
        sys.exit(str(error))
