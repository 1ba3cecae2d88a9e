#!/usr/bin/env python3
"""Builds the committed corpus from the dialogue files beside this script.

    python3 generate.py            everything
    python3 generate.py call-03    only these recordings' media; the index is always complete

Needs Python 3.10, libespeak-ng and ffmpeg (Debian: espeak-ng, ffmpeg).  Writes media/*.webm (Opus),
media/*.mp3, index.json and ground_truth.json.  Seeds are the recordings' names, so the same
versions of the tools give the same bytes.
"""

import json
import random
import sys
from pathlib import Path

import dialogue
import encode
import index
import mix
from speech import Speaker

HERE = Path(__file__).resolve().parent


def main(only):
    people = json.loads((HERE / "people.json").read_text(encoding="utf-8"))
    speaker = Speaker()
    calls = []
    for path in sorted((HERE / "dialogues").glob("call-*.txt")):
        header, steps = dialogue.read(path)
        rng = random.Random(path.stem)
        call = mix.mix(speaker, people["voices"], header, steps, rng)
        pcm = encode.to_telephone(call.tracks, speaker.rate_hz, rng)
        frames = len(pcm) // 4
        if not only or path.stem in only:
            encode.write(pcm, HERE / "media" / path.stem)
        calls.append((path.stem, header, call, frames))
        print(f"{path.stem}  {frames / 8000:6.1f} s  {len(call.items):3} items")
    index.write(HERE, people, calls)


if __name__ == "__main__":
    main(set(sys.argv[1:]))
