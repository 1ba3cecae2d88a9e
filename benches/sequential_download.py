"""The baseline of `cargo xtask bench retrieve`: the eDiscovery design document's own way of downloading.

It reproduces that document's code: one recording after the other with `requests`, the body in chunks of
8,192 bytes, a SHA-256 sidecar, the metadata as JSON, and `chain_of_custody.csv`. Only the endpoints are
others, because those of the document do not exist: the media address comes from
`GET /api/v2/conversations/{id}/recordings/{id}`, the metadata from `.../recordingmetadata/{id}`.

Usage: sequential_download.py API_URL LOGIN_URL CLIENT_ID CLIENT_SECRET DIR < ids

Each line of the input is `conversation recording`. Prints the seconds it took and the bytes.
"""

import csv
import hashlib
import json
import os
import sys
import time
from datetime import datetime, timezone

import requests


def get_token(login_url, client_id, client_secret):
    response = requests.post(
        f"{login_url}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(client_id, client_secret),
    )
    response.raise_for_status()
    return response.json()["access_token"]


def download_recording_with_hash(access_token, api_url, conversation_id, recording_id, output_dir):
    headers = {"Authorization": f"Bearer {access_token}"}
    url = f"{api_url}/api/v2/conversations/{conversation_id}/recordings/{recording_id}"
    while True:
        response = requests.get(url, headers=headers, params={"formatId": "WAV", "download": "true"})
        response.raise_for_status()
        if response.status_code == 200:
            break
        time.sleep(2)
    response = requests.get(response.json()["mediaUris"]["S"]["mediaUri"], stream=True)
    response.raise_for_status()
    sha256_hash, size = hashlib.sha256(), 0
    with open(os.path.join(output_dir, f"{recording_id}.wav"), "wb") as file:
        for chunk in response.iter_content(chunk_size=8192):
            if chunk:
                file.write(chunk)
                sha256_hash.update(chunk)
                size += len(chunk)
    hex_digest = sha256_hash.hexdigest()
    with open(os.path.join(output_dir, f"{recording_id}.sha256"), "w") as sidecar:
        sidecar.write(f"{hex_digest}  {recording_id}.wav\n")
    return hex_digest, size


def save_metadata(access_token, api_url, conversation_id, recording_id, output_dir):
    headers = {"Authorization": f"Bearer {access_token}", "Content-Type": "application/json"}
    url = f"{api_url}/api/v2/conversations/{conversation_id}/recordingmetadata/{recording_id}"
    response = requests.get(url, headers=headers)
    response.raise_for_status()
    with open(os.path.join(output_dir, f"{recording_id}.json"), "w") as file:
        json.dump(response.json(), file, indent=2)


def main(api_url, login_url, client_id, client_secret, output_dir):
    recordings = [line.split() for line in sys.stdin]
    start, total = time.monotonic(), 0
    access_token = get_token(login_url, client_id, client_secret)
    rows = []
    for conversation_id, recording_id in recordings:
        ids = (conversation_id, recording_id, output_dir)
        hex_digest, size = download_recording_with_hash(access_token, api_url, *ids)
        save_metadata(access_token, api_url, *ids)
        now_utc = datetime.now(timezone.utc).isoformat()
        rows.append([recording_id, f"{recording_id}.wav", hex_digest, now_utc, "bench", client_id])
        total += size
    with open(os.path.join(output_dir, "chain_of_custody.csv"), "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "Recording_ID",
                "File_Name",
                "SHA256_Hash",
                "Download_Timestamp(UTC)",
                "Query_String_Used",
                "Exporter_User_ID",
            ]
        )
        writer.writerows(rows)
    print(json.dumps({"seconds": time.monotonic() - start, "bytes": total}))


if __name__ == "__main__":
    main(*sys.argv[1:])
