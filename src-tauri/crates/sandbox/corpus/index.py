"""Writes index.json, which the sandbox serves from, and ground_truth.json, which tests compare with."""

import json
import uuid
from datetime import datetime, timedelta

from encode import RATE_HZ

_SPACE = uuid.UUID("5a1d0c3e-6f0b-5c51-9a37-1d7c64b0a2f4")  # All ids of the corpus derive from it.

# Calls that are known but whose media cannot be had, each with the reason in the organization's words.
_WITHOUT_MEDIA = [
    {
        "stem": "call-11", "customer": "amelia", "agent": "helen", "queue": "Cards", "found_by": "phone_a",
        "customer_id": "no", "direction": "inbound", "started": "2026-03-16T12:00:12Z", "lead_ms": "6000",
        "seconds": 133, "file_state": "DELETED", "delete_date": "2026-04-15T00:00:00Z",
    },
    {
        "stem": "call-16", "customer": "priya", "agent": "tom", "queue": "Parcels", "found_by": "phone_a",
        "customer_id": "yes", "direction": "inbound", "started": "2026-03-11T10:15:00Z", "lead_ms": "5000",
        "seconds": 96, "file_state": "ARCHIVED", "archive_date": "2026-04-01T00:00:00Z",
    },
]


def write(folder, people, calls):
    """Both files, one conversation per line so that a change shows as a small difference."""
    conversations = [_conversation(people, *call) for call in calls]
    conversations += [_without_media(people, header) for header in _WITHOUT_MEDIA]
    conversations.sort(key=lambda c: c["start"])
    directory = {
        "agents": [{"id": _id("agent", k), "key": k, "name": v} for k, v in people["agents"].items()],
        "queues": [{"id": _id("queue", q), "name": q} for q in people["queues"]],
        "customers": [
            {"key": k, "external_contact_id": _id("contact", k), **v} for k, v in people["customers"].items()
        ],
    }
    _lines(folder / "index.json", directory, "conversations", conversations)
    truth = [
        {"conversation_id": _id("conversation", stem), "recording_id": _id("recording", stem), "stem": stem,
         "items": sorted(call.items, key=lambda item: (item["start_ms"], item["channel"]))}
        for stem, _, call, _ in calls
    ]
    _lines(folder / "ground_truth.json", {}, "recordings", truth)


def _conversation(people, stem, header, call, frames):
    duration_ms = frames * 1000 // RATE_HZ
    wall_ms = duration_ms + sum(ms for _, _, ms in call.pauses)
    entry = _frame(people, stem, header, wall_ms)
    recording = entry["recordings"][0]
    recording |= {"file_state": "AVAILABLE", "frames": frames, "pauses": _pauses(stem, call.pauses)}
    if header["transcript"] != "none":
        recording["transcript"] = {
            "id": _id("transcript", stem),
            "phrases": [_phrase(channel, words) for channel, words in sorted(call.phrases, key=lambda p: p[1][0].start_ms)],
        }
    return entry


def _without_media(people, header):
    entry = _frame(people, header["stem"], header, header["seconds"] * 1000)
    states = ("file_state", "delete_date", "archive_date")
    entry["recordings"][0] |= {key: header[key] for key in states if key in header}
    return entry


def _frame(people, stem, header, wall_ms):
    """What a conversation has whether or not its media can be had."""
    start = datetime.fromisoformat(header["started"].replace("Z", "+00:00"))
    recorded = start + timedelta(milliseconds=int(header["lead_ms"]))
    end = recorded + timedelta(milliseconds=wall_ms)
    return {
        "id": _id("conversation", stem),
        "stem": stem,
        "start": _utc(start),
        "answered": _utc(recorded),
        "end": _utc(end),
        "direction": header["direction"],
        "customer": header["customer"],
        "agent": header["agent"],
        "queue": header["queue"],
        **_addresses(people, header),
        "customer_participant_id": _id("customer participant", stem),
        "agent_participant_id": _id("agent participant", stem),
        "agent_session_id": _id("agent session", stem),
        "recordings": [{
            "id": _id("recording", stem),
            "session_id": _id("customer session", stem),
            "start": _utc(recorded),
            "end": _utc(end),
        }],
    }


def _addresses(people, header):
    """Numbers as the telephone network showed them; a withheld number is anonymous."""
    person = people["customers"][header["customer"]]
    ours = people["organization_numbers"]["us" if header["customer"] == "marcus" else "inbound"]
    theirs = person[header["found_by"]] if header["found_by"].startswith("phone") else None
    outside = f"tel:{theirs}" if theirs else "sip:anonymous@anonymous.invalid"
    inbound = header["direction"] == "inbound"
    return {
        "ani": outside if inbound else f"tel:{ours}",
        "dnis": f"tel:{ours}" if inbound else outside,
        "remote": outside,
        "attributes": {"customer_id": person["customer_id"]} if header["customer_id"] == "yes" else {},
    }


def _pauses(stem, pauses):
    result, before = [], 0
    for reason, audio_ms, duration_ms in pauses:
        result.append({
            "id": _id("pause", stem), "reason": reason, "audio_ms": audio_ms,
            "wall_ms": audio_ms + before, "duration_ms": duration_ms,
        })
        before += duration_ms
    return result


def _phrase(channel, words):
    return [channel, [[w.text, w.start_ms, w.end_ms - w.start_ms, w.confidence] for w in words]]


def _id(kind, name):
    return str(uuid.uuid5(_SPACE, f"{kind} {name}"))


def _utc(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def _lines(path, head, key, rows):
    body = ",\n".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in rows)
    start = json.dumps(head, separators=(",", ":"), ensure_ascii=False)[:-1]
    comma = "," if head else ""
    path.write_text(f'{start}{comma}"{key}":[\n{body}\n]}}\n', encoding="utf-8")
