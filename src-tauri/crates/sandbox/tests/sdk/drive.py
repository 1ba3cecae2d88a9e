"""Drives a sandbox with the official Genesys Cloud SDK and says what the SDK read.

Usage: drive.py API_URL LOGIN_URL CLIENT_ID CLIENT_SECRET INTERVAL

Prints one JSON object. The test beside it compares that with what the sandbox planted; `lost` names
every field of an answer that the SDK does not know, or read as something else.
"""

import hashlib
import json
import sys
import time
import urllib.request
from datetime import timedelta

import PureCloudPlatformClientV2 as genesys
from dateutil.parser import isoparse
from PureCloudPlatformClientV2.rest import ApiException

# Nothing takes long here: a sandbox that has not answered by then never will.
PATIENCE_S = 20


class Sdk:
    """A signed-in client that keeps note of what got lost between the wire and the models."""

    def __init__(self, api_url, login_url, client_id, client_secret):
        genesys.configuration.live_reload_config = False
        genesys.configuration.host = api_url
        # The SDK finds the login host by the name of the API host, which here is an address, so
        # that the token comes from the API host, or from the host it is told.
        self.client = genesys.api_client.ApiClient()
        self.client.get_client_credentials_token(client_id, client_secret)
        separate = genesys.api_client.ApiClient(host=login_url)
        separate.get_client_credentials_token(client_id, client_secret)
        self.token_lengths = [len(self.client.access_token), len(separate.access_token)]
        self.lost = []

    def read(self, what, call, *arguments, **options):
        """One call; the answer as the SDK's models hold it, back in the field names of the wire."""
        answer = self.client.sanitize_for_serialization(call(*arguments, **options))
        body = self.client.last_response.data
        if body:
            self.compare(what, json.loads(body), answer)
        return answer

    def until(self, what, is_done, call, *arguments, **options):
        """Asks again until the answer satisfies."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            answer = self.read(what, call, *arguments, **options)
            if is_done(answer):
                return answer
            time.sleep(0.05)
        raise TimeoutError(f"{what} was not ready within {PATIENCE_S} s")

    def compare(self, where, wire, kept):
        if isinstance(wire, dict) and isinstance(kept, dict):
            for key, value in wire.items():
                if value is not None:
                    self.compare(f"{where}.{key}", value, kept.get(key))
        elif isinstance(wire, list) and isinstance(kept, list) and len(wire) == len(kept):
            for index, value in enumerate(wire):
                self.compare(f"{where}[{index}]", value, kept[index])
        elif not same(wire, kept):
            self.lost.append(f"{where}: {wire!r} became {kept!r}")


def same(wire, kept):
    if wire == kept:
        return True
    if not (isinstance(wire, str) and isinstance(kept, str)):
        return False
    try:
        return isoparse(wire) == isoparse(kept)
    except ValueError:
        return False


def weeks(interval):
    """The interval in parts that the query accepts: it reaches seven days."""
    start, end = (isoparse(moment) for moment in interval.split("/"))
    while start < end:
        until = min(start + timedelta(days=7), end)
        yield "/".join(moment.strftime("%Y-%m-%dT%H:%M:%S.000Z") for moment in (start, until))
        start = until


def query(sdk, interval):
    """Every page of the details query."""
    api, found, number = genesys.ConversationsApi(sdk.client), [], 1
    while True:
        body = genesys.ConversationQuery()
        body.interval = interval
        body.order, body.order_by = "asc", "conversationStart"
        body.paging = genesys.PagingSpec()
        body.paging.page_size, body.paging.page_number = 2, number
        page = sdk.read("query", api.post_analytics_conversations_details_query, body)
        found += page.get("conversations", [])
        if len(found) >= page["totalHits"]:
            return found
        number += 1


def job(sdk, interval):
    """The asynchronous job, with its cursor."""
    api, found = genesys.ConversationsApi(sdk.client), []
    body = genesys.AsyncConversationQuery()
    body.interval = interval
    submitted = sdk.read("job", api.post_analytics_conversations_details_jobs, body)
    job_id = submitted["jobId"]
    fulfilled = lambda status: status["state"] == "FULFILLED"
    sdk.until("job.status", fulfilled, api.get_analytics_conversations_details_job, job_id)
    options = {"page_size": 7}
    while True:
        results = api.get_analytics_conversations_details_job_results
        page = sdk.read("job.results", results, job_id, **options)
        found += page.get("conversations", [])
        if not page.get("cursor"):
            return found
        options["cursor"] = page["cursor"]


def batch(sdk, recordings):
    """One batch of all recordings, finished by its status."""
    api = genesys.RecordingApi(sdk.client)
    body = genesys.BatchDownloadJobSubmission()
    body.batch_download_request_list = []
    for recording in recordings:
        wanted = genesys.BatchDownloadRequest()
        wanted.conversation_id, wanted.recording_id = recording["conversationId"], recording["id"]
        body.batch_download_request_list.append(wanted)
    submitted = sdk.read("batch", api.post_recording_batchrequests, body)
    completed = lambda answer: answer["status"] == "Completed"
    return sdk.until("batch.status", completed, api.get_recording_batchrequest, submitted["id"])


def with_download(result):
    """A batch result with the digest of what its link gives."""
    if result.get("resultUrl"):
        result["sha256"] = hashlib.sha256(download(result["resultUrl"])).hexdigest()
    return result


def one(sdk, recording):
    """A single recording in another format: 202 first, then a link."""
    api = genesys.RecordingApi(sdk.client)
    answer = sdk.until(
        "recording",
        lambda answer: answer.get("mediaUris"),
        api.get_conversation_recording,
        recording["conversationId"],
        recording["id"],
        format_id="WAV",
        download=True,
    )
    answer["sha256"] = hashlib.sha256(download(answer["mediaUris"]["S"]["mediaUri"])).hexdigest()
    return answer


def transcript(sdk, recording):
    api = genesys.SpeechTextAnalyticsApi(sdk.client)
    call = api.get_speechandtextanalytics_conversation_communication_transcripturl
    url = sdk.read("transcripturl", call, recording["conversationId"], recording["sessionId"])["url"]
    return json.loads(download(url))


def refusal(sdk):
    """How the SDK reads an error."""
    try:
        genesys.RecordingApi(sdk.client).get_conversation_recordingmetadata(
            "00000000-0000-0000-0000-000000000000"
        )
    except ApiException as error:
        return {"status": error.status, "code": json.loads(error.body)["code"]}
    return None


def download(url):
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        return answer.read()


def main(api_url, login_url, client_id, client_secret, interval):
    sdk = Sdk(api_url, login_url, client_id, client_secret)
    organization = sdk.read("organization", genesys.OrganizationApi(sdk.client).get_organizations_me)
    conversations = [found for week in weeks(interval) for found in query(sdk, week)]
    api = genesys.RecordingApi(sdk.client)
    recordings = []
    for conversation in conversations:
        call, known = api.get_conversation_recordingmetadata, conversation["conversationId"]
        recordings += sdk.read("metadata", call, known)
    available = [recording for recording in recordings if recording["fileState"] == "AVAILABLE"]
    done = batch(sdk, recordings)
    done["results"] = [with_download(result) for result in done["results"]]
    found = {
        "token_lengths": sdk.token_lengths,
        "organization": organization,
        "query": conversations,
        "job": job(sdk, interval),
        "metadata": recordings,
        "batch": done,
        "recording": one(sdk, available[0]),
        "transcript": transcript(sdk, available[0]),
        "refusal": refusal(sdk),
        "lost": sdk.lost,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
