"""Places the turns of a dialogue on the time line of a stereo recording."""

import array
import math
from dataclasses import dataclass, field

from dialogue import Pause

_LEVEL = 0.09           # RMS of speech, about -21 dBFS.
_LEAD_S, _TAIL_S = 0.9, 1.1


@dataclass
class Word:
    """A recognized word; times are milliseconds of audio."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass
class Call:
    """A mixed recording with everything that is known about it."""

    tracks: list
    phrases: list = field(default_factory=list)
    items: list = field(default_factory=list)
    pauses: list = field(default_factory=list)


def mix(speaker, voices, header, steps, rng):
    """Speaks all turns and lays them on two tracks, channel 0 the customer, channel 1 the agent."""
    call = Call([array.array("h"), array.array("h")])
    by_channel = [voices[header["customer"]], voices[header["agent"]]]
    rate, end_s, last_channel = speaker.rate_hz, _LEAD_S, None
    free_s = [0.0, 0.0]
    for step in steps:
        if isinstance(step, Pause):
            end_s += 0.3
            call.pauses.append((step.reason, _ms(end_s * rate, rate), int(step.seconds * 1000)))
            end_s += 0.3
            continue
        start_s = max(_start(step, end_s, last_channel, rng), free_s[step.channel] + 0.12)
        samples, spans = speaker.say([w for u in step.units for w in u.spoken], by_channel[step.channel])
        at = int(start_s * rate)
        _place(call.tracks[step.channel], samples, at, _gain(samples, rng))
        _record(call, header, step, spans, at, rate, rng)
        free_s[step.channel] = start_s + len(samples) / rate
        end_s, last_channel = max(end_s, free_s[step.channel]), step.channel
    total = int((end_s + _TAIL_S) * rate)
    for track in call.tracks:
        track.extend([0] * (total - len(track)))
    return call


def _start(turn, end_s, last_channel, rng):
    if turn.gap_s is not None:
        return end_s + turn.gap_s
    if turn.overlap:
        return end_s - rng.uniform(0.15, 0.4)
    if turn.channel == last_channel:
        return end_s + rng.uniform(0.35, 0.8)
    return end_s + rng.uniform(0.2, 0.65)


def _gain(samples, rng):
    rms = math.sqrt(sum(v * v for v in samples) / len(samples)) / 32768
    return _LEVEL / rms * 10 ** (rng.uniform(-1.5, 1.5) / 20)


def _place(track, samples, at, gain):
    if len(track) < at:
        track.extend([0] * (at - len(track)))
    track.extend(max(-32000, min(32000, int(v * gain))) for v in samples)


def _record(call, header, turn, spans, at, rate, rng):
    """Adds the turn's recognized words and its ground truth."""
    times, cursor = [], 0
    for unit in turn.units:
        mine = spans[cursor : cursor + len(unit.spoken)]
        cursor += len(unit.spoken)
        times.append((_ms(at + mine[0][0], rate), _ms(at + mine[-1][1], rate)))
    for item in turn.items:
        spoken = [w for u in turn.units[item.first : item.last + 1] for w in u.spoken]
        call.items.append({
            "entity": item.entity,
            "owner": item.owner,
            "channel": turn.channel,
            "start_ms": times[item.first][0],
            "end_ms": times[item.last][1],
            "words": " ".join(spoken).strip(".,?!"),
        })
    call.phrases.extend(_phrases(header, turn, times, rng))


def _phrases(header, turn, times, rng):
    """Recognized words in phrases; a phrase ends with a sentence."""
    phrases, words = [], []
    for unit, (start, end) in zip(turn.units, times):
        for number, text in enumerate(unit.written):
            width = (end - start) / len(unit.written)
            words.append(Word(
                _style(header, text),
                round(start + number * width),
                round(start + (number + 1) * width),
                unit.confidence if unit.confidence is not None else _confidence(header, rng),
            ))
        if unit.spoken[-1][-1] in ".?!" and words:
            phrases.append((turn.channel, words))
            words = []
    if words:
        phrases.append((turn.channel, words))
    return phrases


def _style(header, text):
    """`written` keeps case and punctuation; `plain` is what older engines return."""
    if header["transcript"] == "plain":
        return text.strip(".,?!").lower()
    return text


def _confidence(header, rng):
    if header.get("line") == "poor" and rng.random() < 0.22:
        return round(rng.uniform(0.22, 0.55), 3)
    return round(min(0.999, rng.betavariate(14, 1.4)), 3)


def _ms(samples, rate):
    return round(samples * 1000 / rate)
