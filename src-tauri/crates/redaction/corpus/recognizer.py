"""What a speech recognizer does to words: number formatting, and mistakes."""

import re

import values

HOMOPHONES = {"two": ["to", "too"], "four": ["for"], "eight": ["ate"], "one": ["won"], "three": ["free", "tree"],
              "nine": ["line", "mine"], "oh": ["o", "owe"], "five": ["fine"], "six": ["sick"], "dot": ["dog"],
              "underscore": ["under score"], "double": ["trouble"], "b": ["d", "e"], "m": ["n"], "s": ["f"], "p": ["t"]}
WEAK = {"the", "a", "is", "it's", "of", "to", "and", "for", "my"}
# Share of words that are changed, lost, or joined by one that was not said.
CHANGED, LOST, ADDED = 0.05, 0.012, 0.008

VALUE = {w: i for i, w in enumerate(values.UNITS)} | {w: i + 10 for i, w in enumerate(values.TEENS)}
TENS = {w: i * 10 for i, w in enumerate(values.TENS) if i > 1}


def formatted(text):
    """Numbers in prose as digits: "forty two pounds" is "42 pounds"."""
    out, words, i = [], text.split(" "), 0
    while i < len(words):
        run, j = [], i
        while j < len(words) and is_number(words[j]):
            run.append(words[j])
            j += 1
            if run[-1][-1:] in ".,?!":
                break
        if not run or (len(run) == 1 and VALUE.get(bare(run[0]), 99) < 10):
            out += words[i:i + 1]
            i += 1
            continue
        tail = re.search(r"[.,?!]*$", run[-1]).group()
        out.append(digits([bare(word) for word in run]) + tail)
        i = j
    return " ".join(out)


def bare(word):
    return word.lower().rstrip(".,?!")


def is_number(word):
    return bare(word) in VALUE or bare(word) in TENS or bare(word) in ("hundred", "thousand", "oh")


def digits(words):
    """Digit strings are joined; cardinals are added up."""
    if "hundred" in words or "thousand" in words:
        total = part = 0
        for word in words:
            if word == "hundred":
                part = max(part, 1) * 100
            elif word == "thousand":
                total, part = total + max(part, 1) * 1000, 0
            else:
                part += VALUE.get(word, TENS.get(word, 0))
        return str(total + part)
    out, i = "", 0
    while i < len(words):
        if words[i] in TENS and i + 1 < len(words) and 0 < VALUE.get(words[i + 1], 0) < 10:
            out += str(TENS[words[i]] + VALUE[words[i + 1]])
            i += 2
        else:
            out += str(VALUE.get(words[i], TENS.get(words[i], 0)))
            i += 1
    return out


def mishear(rng, words):
    """The words as recognized: [text, start, length, in an item]."""
    heard = []
    for at, (text, start, length, item) in enumerate(words):
        edge = at == 0 or at + 1 == len(words) or words[at - 1][3] != item or words[at + 1][3] != item
        chance = rng.random()
        start = max(0, start + int(rng.gauss(0, 18)))
        if chance < LOST and not edge:
            continue
        if chance < LOST + CHANGED:
            text = changed(rng, text)
        elif chance < LOST + CHANGED + ADDED and not item:
            heard.append([rng.choice(["uh", "a", "the", "and"]), start, 60, item])
            start, length = start + 60, max(40, length - 60)
        for part in text.split():
            heard.append([part, start, length // len(text.split()), item])
            start += length // len(text.split())
    return heard or words


def changed(rng, text):
    core = bare(text)
    if core in HOMOPHONES and rng.random() < 0.6:
        return rng.choice(HOMOPHONES[core])
    if core in values.UNITS:
        return rng.choice(values.UNITS)
    if any(c.isdigit() for c in text):
        at = rng.choice([i for i, c in enumerate(text) if c.isdigit()])
        return text[:at] + rng.choice("0123456789") + text[at + 1:]
    if core in WEAK:
        return rng.choice(sorted(WEAK))
    if len(core) > 4 and core.isalpha():
        at = rng.randrange(1, len(core) - 1)
        return rng.choice([text[:at] + text[at + 1:], text[:at] + rng.choice("aeiousnrl") + text[at + 1:]])
    return text
