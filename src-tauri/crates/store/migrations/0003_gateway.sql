-- Where calls lie: one row a place. Rows with the same `call` are one call in several systems. // S1-12, S1-17, S1-22
CREATE TABLE mapping (
    tenant TEXT NOT NULL,
    source TEXT NOT NULL,
    call_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    -- Never changes, so that a reference given out stays good when two calls turn out to be one.
    place_id TEXT NOT NULL UNIQUE,
    call TEXT NOT NULL,
    source_system TEXT NOT NULL,
    legacy_archive_id TEXT,
    customer_provided_id TEXT,
    storage_location TEXT NOT NULL,
    retention_expiry INTEGER,
    encryption_status TEXT NOT NULL,
    media_state TEXT NOT NULL,
    start_at INTEGER,
    end_at INTEGER,
    seen_at INTEGER NOT NULL,
    missing_since INTEGER,
    PRIMARY KEY (tenant, source, call_id, recording_id)
) STRICT;
CREATE INDEX mapping_by_call ON mapping (call);
CREATE INDEX mapping_by_call_id ON mapping (call_id);
CREATE INDEX mapping_by_recording_id ON mapping (recording_id);
CREATE INDEX mapping_by_legacy_archive_id ON mapping (legacy_archive_id);
CREATE INDEX mapping_by_customer_provided_id ON mapping (customer_provided_id);

-- Retrievals that did not answer at once, and what they brought. // S1-46, S0-89
CREATE TABLE gateway_jobs (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    client TEXT NOT NULL,
    reference TEXT NOT NULL,
    format TEXT NOT NULL,
    state TEXT NOT NULL,
    call TEXT,
    failure_json TEXT,
    result_json TEXT,
    blob TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    expires_at INTEGER
) STRICT;
CREATE INDEX gateway_jobs_of_call ON gateway_jobs (tenant, call, format, state);
CREATE INDEX gateway_jobs_of_reference ON gateway_jobs (tenant, reference, format, state);
CREATE INDEX gateway_jobs_by_end ON gateway_jobs (expires_at);
