"""Speech with true word times from Debian's libespeak-ng, called through ctypes.

The library reports, while it synthesizes, at which sample each word of the text begins.  That is
what makes the corpus's word times true instead of estimated.
"""

import array
import ctypes
import ctypes.util

_RETRIEVAL = 1          # AUDIO_OUTPUT_RETRIEVAL: samples go to the callback, nothing is played.
_CHARS_UTF8 = 1
_EVENT_END, _EVENT_WORD = 0, 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_FRAME_S = 0.005        # Resolution of the end of a word.
_PAUSE_S = 0.1          # Longer than the closure of any stop consonant.
_QUIET = 0.012          # A frame below this share of the utterance's peak is not speech.


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Speaker:
    """One synthesizer; speaks utterances and returns samples and word times."""

    def __init__(self):
        self._lib = ctypes.CDLL(ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1")
        self.rate_hz = self._lib.espeak_Initialize(_RETRIEVAL, 0, None, 0)
        if self.rate_hz <= 0:
            raise SystemExit("libespeak-ng could not start; install the package espeak-ng")
        self._samples = array.array("h")
        self._events = []
        self._callback = _CALLBACK(self._receive)
        self._lib.espeak_SetSynthCallback(self._callback)
        # The first choice of a voice after the start fails, whichever it is.
        self._lib.espeak_SetVoiceByName(b"gmw/en")

    def _receive(self, wave, count, events):
        if wave and count > 0:
            self._samples.frombytes(ctypes.string_at(wave, count * 2))
        index = 0
        while events[index].type != _EVENT_END:
            if events[index].type == _EVENT_WORD:
                self._events.append((events[index].text_position, events[index].sample))
            index += 1
        return 0

    def say(self, words, voice):
        """Samples of `words` and a `(start, end)` pair of sample positions for each of them."""
        text, offsets = _lay_out(words)
        self._samples, self._events = array.array("h"), []
        if self._lib.espeak_SetVoiceByName(voice["name"].encode()) != 0:
            raise SystemExit(f"espeak-ng has no voice `{voice['name']}`")
        for parameter, key in ((_RATE, "rate"), (_PITCH, "pitch"), (_RANGE, "range")):
            self._lib.espeak_SetParameter(parameter, voice[key], 0)
        data = text.encode() + b"\0"
        self._lib.espeak_Synth(data, len(data), 0, 1, 0, _CHARS_UTF8, None, None)
        self._lib.espeak_Synchronize()
        starts = _word_starts(words, offsets, self._events, len(self._samples))
        return _trim(self._samples, starts, self.rate_hz)


def _lay_out(words):
    """The text to speak, and where each word begins in it."""
    offsets, position = [], 0
    for word in words:
        offsets.append(position)
        position += len(word) + 1
    return " ".join(words), offsets


def _word_starts(words, offsets, events, total):
    """The first sample of each word; a word the library merged with its neighbor is interpolated."""
    starts = [None] * len(words)
    for position, sample in events:
        index = max(i for i, offset in enumerate(offsets) if offset <= max(position - 1, 0))
        if starts[index] is None:
            starts[index] = sample
    starts[0] = starts[0] or 0
    known = [i for i, start in enumerate(starts) if start is not None] + [len(words)]
    for left, right in zip(known, known[1:]):
        until = starts[right] if right < len(words) else total
        letters = [len(word) for word in words[left:right]]
        for i in range(left + 1, right):
            share = sum(letters[: i - left]) / sum(letters)
            starts[i] = int(starts[left] + (until - starts[left]) * share)
    return starts


def _trim(samples, starts, rate_hz):
    """Cuts silence at both ends; a word ends with its last audible frame."""
    frame = int(rate_hz * _FRAME_S)
    floor = max(max(samples), -min(samples)) * _QUIET
    loud = [
        max(abs(value) for value in samples[at : at + frame]) > floor
        for at in range(0, len(samples), frame)
    ]
    first = loud.index(True) * frame
    last = min((len(loud) - loud[::-1].index(True)) * frame, len(samples))
    spans = []
    for start, until in zip(starts, starts[1:] + [last]):
        start, until = max(start, first), min(max(until, start + frame), last)
        spans.append(_audible(loud, frame, start, until, first))
    return samples[first:last], spans


def _audible(loud, frame, start, until, first):
    """`[start, until)` without the silence around it, counted from `first`.

    A pause inside a clause belongs to no word: the word ends where the first long silence begins.
    """
    end, begun, silent = until, None, 0
    for index in range(start // frame, min(-(-until // frame), len(loud))):
        if loud[index]:
            begun = index if begun is None else begun
            silent = 0
        elif begun is not None:
            silent += 1
            if silent * _FRAME_S >= _PAUSE_S:
                end = (index - silent + 1) * frame
                break
    start = max(start, (begun or 0) * frame)
    return start - first, max(end, start + frame) - first
