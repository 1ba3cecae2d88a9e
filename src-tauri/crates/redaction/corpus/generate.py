#!/usr/bin/env python3
"""Builds calls.jsonl, the calls that `sar evaluate` measures on, from the exchanges beside this script.

    python3 generate.py

Needs Python 3.10 and nothing else.  Every call has a seed of its own, so the same script gives the same
bytes.  A call is an opening, exchanges about personal data, others about nothing personal, and a closing.
It is written in one of three styles (as it is spoken, formatted by a recognizer, or a mix of both), and
every second call has recognizer errors: misheard digits and names, lost words, shifted times.
"""

import json
import random
import re
from pathlib import Path

import people
import recognizer
import values
from values import Teller

HERE = Path(__file__).resolve().parent
SPLITS = {"development": 384, "held_back": 96}
STYLES = ["spoken", "formatted", "mixed"]
REGIONS = ["US", "GB", "US", "GB", "US", "IE", "GB", "IN", "US", "AU", "GB"]
OWNERS = {"r": "requestor", "t": "third_party", "a": "agent"}
DATA_EXCHANGES, OTHER_EXCHANGES = 5, 2

# Slot: kind of data, maker of the value.
SLOTS = {
    "phone": ("PHONE_NUMBER", values.phone), "ext_phone": ("PHONE_NUMBER", values.phone),
    "ext": ("PHONE_NUMBER", values.card_last4),
    "card": ("CREDIT_CARD", values.card), "card4": ("CREDIT_CARD", values.card_last4),
    "expiry": ("CARD_EXPIRY", values.expiry), "cvv": ("CVV", values.cvv),
    "ssn": ("SSN", values.ssn), "ssn4": ("SSN", values.ssn_last4),
    "nino": ("NATIONAL_INSURANCE", values.nino), "natid": ("NATIONAL_ID", values.national_id),
    "dob": ("DATE_OF_BIRTH", values.born), "address": ("ADDRESS", values.address),
    "street": ("ADDRESS", values.street), "postcode": ("ADDRESS", values.postcode),
    "house": ("ADDRESS", lambda rng, t: [values.house(rng, t)]),
    "account": ("ACCOUNT_NUMBER", values.account), "routing": ("BANK_ROUTING", values.routing),
    "iban": ("IBAN", values.iban), "medical": ("MEDICAL_ID", values.medical),
    "passport": ("PASSPORT", values.passport), "license": ("DRIVER_LICENSE", values.license),
    "plate": ("VEHICLE_REG", values.plate), "device": ("DEVICE_ID", values.device),
    "ip": ("IP_ADDRESS", values.ip), "pin": ("PIN", values.pin),
    "password": ("PASSWORD", values.password), "answer": ("PASSWORD", values.answer),
    "health": ("HEALTH_TERM", values.health),
}
SLOT = re.compile(r"\{([a-z_]+?4?)(2?)(?:\.(\d))?(?::([rat]))?\}")


def read_exchanges(path):
    """Blocks by kind: (region or '', turns)."""
    blocks, current = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("== "):
            kind, _, region = line[3:].partition(" ")
            current = []
            blocks.setdefault(kind, []).append((region, current))
        else:
            side, _, said = line.partition(": ")
            current.append((side, said))
    return blocks


class Deck:
    """Deals exchanges so that each comes up about equally often."""

    def __init__(self, rng, blocks):
        self.rng, self.blocks, self.left = rng, blocks, []

    def deal(self, fits):
        for _ in range(2):
            for at, block in enumerate(self.left):
                if fits(block):
                    return self.left.pop(at)
            fresh = list(self.blocks)
            self.rng.shuffle(fresh)
            self.left += fresh
        raise ValueError("no exchange fits")


class Cast:
    """The people of one call."""

    def __init__(self, rng, teller):
        self.rng, self.teller, self.values = rng, teller, {}
        pick = lambda: (rng.choice(people.FIRST), rng.choice(people.LAST))
        self.caller, self.other, self.agent, self.agent2 = pick(), pick(), pick(), pick()

    def forget(self):
        """The next exchange has values of its own; the people stay."""
        self.values = {}
        self.other = (self.rng.choice(people.FIRST), self.rng.choice(people.LAST))

    def groups(self, slot, second, owner, parts):
        """Kind and groups of a slot's value."""
        names = {"name": " ".join(self.caller), "first": self.caller[0], "last": self.caller[1],
                 "other": " ".join(self.other), "ofirst": self.other[0], "olast": self.other[1],
                 "agent": self.agent[0], "agentfull": " ".join(self.agent)}
        if slot == "agent" and second:
            return "PERSON_NAME", [(self.agent2[0].lower(), self.agent2[0])]
        if slot in names:
            return "PERSON_NAME", [(names[slot].lower(), names[slot])]
        key = (slot, second, owner)
        if key not in self.values:
            self.values[key] = self.make(slot, owner, parts)
        return self.values[key]

    def make(self, slot, owner, parts):
        if slot in ("spell", "olspell"):
            last = self.caller[1] if slot == "spell" else self.other[1]
            plain = "".join(c for c in last if c.isalpha())
            written = self.rng.choice(["-", " "]).join(plain.upper())
            return "PERSON_NAME", [(self.teller.letters(plain), written)]
        if slot == "email":
            who = self.other if owner == "t" else self.caller
            return "EMAIL", values.email_for(self.rng, self.teller, *who)
        kind, maker = SLOTS[slot]
        while True:
            groups = maker(self.rng, self.teller)
            if len(groups) >= parts:
                return kind, groups


class Piece:
    """Words with the item they belong to, and how long they take."""

    def __init__(self, text, spoken, item=None):
        self.words, self.item = text.split(), item
        self.length_ms = sum(spoken_ms(word) for word in spoken.split() or [text])


def spoken_ms(word):
    letters = sum(c.isalnum() for c in word)
    return 110 + 52 * min(letters, 9)


def tell(rng, style, groups):
    """A value as pieces of (text, spoken): groups, fillers and corrections."""
    pieces = []
    for at, (said, written) in enumerate(groups):
        said = said.replace(" ,", "")
        if style == "mixed":
            text = rng.choice([said, written, blend(rng, said)])
        else:
            text = said if style == "spoken" else written
        if at and rng.random() < 0.08:
            pieces.append((rng.choice(["um", "uh", "and then", "let me see"]), "um uh"))
        wrong = misspoken(rng, said)
        if style != "formatted" and wrong and rng.random() < 0.07:
            fix = rng.choice(["no sorry", "sorry", "no wait", "i mean", "sorry that's"])
            pieces.append((f"{wrong} {fix}", f"{wrong} {fix}"))
        pieces.append((text, said))
    return pieces


def misspoken(rng, said):
    words = said.split()
    at = [i for i, w in enumerate(words) if w in values.UNITS]
    if len(at) < 3:
        return ""
    words[rng.choice(at)] = rng.choice(values.UNITS[1:])
    return " ".join(words)


def blend(rng, said):
    """Some number words as digits, as recognizers with half a formatter write them."""
    digit = {w: str(i) for i, w in enumerate(values.UNITS)}
    return " ".join(digit[w] if w in digit and rng.random() < 0.6 else w for w in said.split())


def plain(text):
    """As it is spoken: no capitals, no punctuation but inside words."""
    words = (re.sub(r"^[^\w]+|[^\w]+$", "", word) for word in text.lower().split())
    return " ".join(word for word in words if word)


def pieces_of(rng, style, cast, said, parts_of):
    """A turn as pieces."""
    pieces, at = [], 0
    for match in SLOT.finditer(said):
        slot, second, part, owner = match.groups()
        owner = owner or ("a" if slot.startswith("agent") else "r")
        add_text(rng, style, pieces, said[at:match.start()])
        parts = parts_of.get(slot, 1)
        kind, groups = cast.groups(slot, second, owner, parts)
        if part:
            last = len(groups) if int(part) == parts else int(part)
            groups = groups[int(part) - 1:last]
        item = [kind, OWNERS[owner]]
        for text, spoken in tell(rng, style, groups):
            pieces.append(Piece(text, spoken, item))
        at = match.end()
    add_text(rng, style, pieces, said[at:])
    return [piece for piece in pieces if piece.words]


def add_text(rng, style, pieces, text):
    """Text between slots; punctuation right behind a slot belongs to its last word."""
    glued = re.match(r"[.,?!]+", text)
    if glued and pieces and style == "formatted":
        pieces[-1].words[-1] += glued.group()
    text = text[glued.end():] if glued else text
    shown = recognizer.formatted(text) if style == "formatted" else plain(text)
    if shown.strip():
        pieces.append(Piece(shown, plain(text) or "um"))


def mixed_turn(rng, pieces):
    """Capitals and full stops come and go."""
    if rng.random() < 0.5:
        first = pieces[0].words
        first[0] = first[0][:1].upper() + first[0][1:]
        pieces[-1].words[-1] += rng.choice([".", ".", ""])
    return pieces


class Clock:
    def __init__(self):
        self.ms = 800

    def turn(self, rng, pieces):
        """Start and length of each word of a turn, and of each item."""
        self.ms = max(0, self.ms + (rng.randint(-400, -100) if rng.random() < 0.06 else rng.randint(150, 900)))
        words, items = [], []
        for piece in pieces:
            if piece.item and words:
                self.ms += rng.choice([0, 60, 250, 420])
            share = [max(1, len(word)) for word in piece.words]
            begun = self.ms
            for word, part in zip(piece.words, share):
                length = max(60, int(piece.length_ms * part / sum(share) * rng.uniform(0.85, 1.15)))
                words.append([word, self.ms, length, piece.item is not None])
                self.ms += length + (rng.choice([0, 0, 30]))
            if piece.item:
                same = items and items[-1][0] is piece.item
                if same:
                    items[-1][2] = words[-1][1] + words[-1][2]
                else:
                    items.append([piece.item, begun, words[-1][1] + words[-1][2]])
        return words, items


def make_call(split, number, blocks):
    rng = random.Random(f"{split} {number}")
    style, region = STYLES[number % 3], REGIONS[number % len(REGIONS)]
    errors = number // 3 % 2 == 1
    cast, clock = Cast(rng, Teller(rng, region)), Clock()
    turns, items = [], []
    for exchange in blocks:
        cast.forget()
        slots = [m for _, said in exchange for m in SLOT.finditer(said) if m.group(3)]
        parts_of = {m.group(1): max(int(n.group(3)) for n in slots if n.group(1) == m.group(1)) for m in slots}
        for side, said in exchange:
            pieces = pieces_of(rng, style, cast, said, parts_of)
            if style == "mixed":
                pieces = mixed_turn(rng, pieces)
            words, found = clock.turn(rng, pieces)
            items += [[*it, side, start, end] for it, start, end in found]
            heard = recognizer.mishear(rng, words) if errors else words
            turns.append([side, " ".join(w[0] for w in heard), times(heard)])
    return {"id": f"{split}-{number + 1:03}", "split": split, "style": style, "language": f"en-{region}",
            "errors": errors, "turns": turns, "items": items}


def times(words):
    """Start of the first word, then lengths; a negative number is a pause before the next word."""
    out, end = [], None
    for _, start, length, _ in words:
        if end is None:
            out.append(start)
        elif start > end:
            out.append(end - start)
        out.append(length)
        end = max(start, end or 0) + length
    return out


def deal_calls(split, count):
    """The exchanges of each call."""
    blocks = read_exchanges(HERE / "exchanges" / f"{split}.txt")
    rng = random.Random(split)
    data = [b for kind, found in blocks.items() if kind not in ("opening", "closing", "negative") for b in found]
    decks = {"data": Deck(rng, data)}
    decks |= {kind: Deck(rng, blocks[kind]) for kind in ("opening", "closing", "negative")}
    for number in range(count):
        region = REGIONS[number % len(REGIONS)]
        fits = lambda block: block[0] in ("", region if region == "US" else "GB")
        middle = [decks["data"].deal(fits) for _ in range(DATA_EXCHANGES)]
        middle += [decks["negative"].deal(fits) for _ in range(OTHER_EXCHANGES)]
        rng.shuffle(middle)
        yield number, [decks["opening"].deal(fits)[1], *(b[1] for b in middle), decks["closing"].deal(fits)[1]]


def main():
    lines = [make_call(split, number, blocks)
             for split, count in SPLITS.items() for number, blocks in deal_calls(split, count)]
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    (HERE / "calls.jsonl").write_text(text, encoding="utf-8")
    words = sum(len(turn[1].split()) for line in lines for turn in line["turns"])
    print(f"{len(lines)} calls, {words} words, {sum(len(line['items']) for line in lines)} items")


if __name__ == "__main__":
    main()
