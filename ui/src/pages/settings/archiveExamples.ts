/** Descriptions to start from, one a kind. They are those of docs/formats/sources.md. */

export const archiveKinds = ['legacy_rest', 's3_archive', 'gateway'] as const;
export type ArchiveKind = (typeof archiveKinds)[number];

const recorder = `kind = "legacy_rest"
id = "old-avaya"
provider = "avaya_aura"
api_endpoint = "https://recorder.example.org/api"
auth_type = "basic"
username = "svc-sar"
timeout_ms = 30000
max_retries = 3
requests_per_second = 5.0
zone = "Europe/London"

[search]
call = { path = "/calls", query = { from = "{from}", to = "{to}", number = "{number}", page = "{page}", size = "{limit}" } }
paging = { kind = "page", first = 1, size = 100, total = "/total" }

[media]
describe = { path = "/calls/{recording}" }
path = "/calls/{recording}/audio"

[fields]
entries = "/calls"
recording = "/id"
call = "/ucid"
start = "/startLocal"
duration = { at = "/lengthS", unit = "seconds" }
numbers = ["/otherParty", "/extension"]
home = { calling_code = "44", trunk_prefix = "0" }
customer = "/customer"
agents = ["/agent"]
queue = "/skill"
codec = "/codec"
deleted = "/deletedOn"
`;

const bucket = `kind = "s3_archive"
id = "export-2022"
bucket = "call-archive"
prefix = "genesys/2022"
region = "eu-west-2"

[fields]
call = "/conversationId"
start = "/startTime"
duration = { at = "/durationMs", unit = "milliseconds" }
numbers = ["/participants/*/phone"]
customer = "/attributes/customer_id"
`;

const gateway = `kind = "gateway"
id = "gateway"
url = "https://recordings.example.org"
client_id = "privacy-desk"
`;

export const archiveExamples: Record<ArchiveKind, string> = {
  legacy_rest: recorder,
  s3_archive: bucket,
  gateway,
};
