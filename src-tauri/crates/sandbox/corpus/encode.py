"""From mixed tracks to the files a recorder would have kept."""

import array
import subprocess

RATE_HZ = 8000
_NOISE_PEAK = 57        # Uniform noise with this peak has an RMS of 33, which is -60 dBFS.


def to_telephone(tracks, rate_hz, rng):
    """Interleaved 16-bit samples at 8 kHz, limited to the telephone band, with line noise."""
    stereo = array.array("h", bytes(4 * len(tracks[0])))
    stereo[0::2], stereo[1::2] = tracks[0], tracks[1]
    narrow = _ffmpeg(
        ["-f", "s16le", "-ar", str(rate_hz), "-ac", "2", "-i", "-"],
        ["-af", f"highpass=f=180,lowpass=f=3500,aresample={RATE_HZ}:resampler=swr", "-f", "s16le", "-"],
        stereo.tobytes(),
    )
    samples = array.array("h", narrow)
    noise = rng.randbytes(len(samples))
    span = 2 * _NOISE_PEAK + 1
    for at, byte in enumerate(noise):
        value = samples[at] + byte * span // 256 - _NOISE_PEAK
        samples[at] = max(-32768, min(32767, value))
    return samples.tobytes()


def write(pcm, stem):
    """`<stem>.webm` with Opus and `<stem>.mp3`."""
    stem.parent.mkdir(exist_ok=True)
    source = ["-f", "s16le", "-ar", str(RATE_HZ), "-ac", "2", "-i", "-"]
    opus = ["-c:a", "libopus", "-b:a", "24k", "-application", "voip", "-ar", str(RATE_HZ), "-f", "webm"]
    mp3 = ["-c:a", "libmp3lame", "-b:a", "16k", "-joint_stereo", "0", "-id3v2_version", "0", "-f", "mp3"]
    for codec, suffix in ((opus, ".webm"), (mp3, ".mp3")):
        _ffmpeg(source, [*codec, str(stem.with_suffix(suffix))], pcm)


def _ffmpeg(source, target, data):
    quiet = ["ffmpeg", "-v", "error", "-y", *source]
    exact = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    return subprocess.run([*quiet, *exact, *target], input=data, stdout=subprocess.PIPE, check=True).stdout
