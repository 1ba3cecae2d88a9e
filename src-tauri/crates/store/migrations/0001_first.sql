-- Times are milliseconds since 1970-01-01 UTC. JSON columns are opaque to the database.

CREATE TABLE case_numbers (year INTEGER PRIMARY KEY, last INTEGER NOT NULL);

CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    correlation_id TEXT NOT NULL,
    law TEXT NOT NULL,
    received_on TEXT NOT NULL,
    received_by TEXT NOT NULL,
    step TEXT NOT NULL,
    owner TEXT NOT NULL,
    requestor_json TEXT NOT NULL,
    initials TEXT NOT NULL,
    risk_tier TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_on TEXT NOT NULL,
    internal_due_on TEXT NOT NULL,
    due_rule TEXT NOT NULL,
    calls_total INTEGER NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX cases_by_due_date ON cases (internal_due_on, id);
CREATE INDEX cases_by_step ON cases (step, internal_due_on, id);

CREATE TABLE identity_checks (
    seq INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    method TEXT NOT NULL,
    passed INTEGER NOT NULL,
    checked_by TEXT NOT NULL,
    checked_at INTEGER NOT NULL
) STRICT;
CREATE INDEX identity_checks_of_case ON identity_checks (case_id);

CREATE TABLE searches (
    seq INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    criteria_json TEXT NOT NULL,
    result_json TEXT NOT NULL,
    ran_at INTEGER NOT NULL,
    by TEXT NOT NULL
) STRICT;
CREATE INDEX searches_of_case ON searches (case_id, seq);

CREATE TABLE frozen_lists (
    case_id TEXT NOT NULL REFERENCES cases (id),
    supplement INTEGER NOT NULL,
    digest TEXT NOT NULL,
    manifest_json TEXT NOT NULL,
    frozen_at INTEGER NOT NULL,
    by TEXT NOT NULL,
    calls INTEGER NOT NULL,
    excluded INTEGER NOT NULL,
    PRIMARY KEY (case_id, supplement)
) STRICT;

-- The parts that are asked for are columns; the rest of a call is one sealed record.
CREATE TABLE calls (
    case_id TEXT NOT NULL REFERENCES cases (id),
    number INTEGER NOT NULL,
    source TEXT NOT NULL,
    conversation TEXT NOT NULL,
    recording TEXT NOT NULL,
    end_state TEXT,
    review_state TEXT NOT NULL,
    record_json TEXT NOT NULL,
    PRIMARY KEY (case_id, number),
    UNIQUE (case_id, source, conversation, recording)
) STRICT;

CREATE TABLE review_events (
    seq INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL,
    call INTEGER NOT NULL,
    event_json TEXT NOT NULL,
    by TEXT NOT NULL,
    at INTEGER NOT NULL,
    FOREIGN KEY (case_id, call) REFERENCES calls (case_id, number)
) STRICT;
CREATE INDEX review_events_of_call ON review_events (case_id, call, seq);

CREATE TABLE packages (
    case_id TEXT PRIMARY KEY REFERENCES cases (id),
    blob TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    passphrase TEXT,
    sealed_at INTEGER NOT NULL,
    sealed_by TEXT NOT NULL
) STRICT;

CREATE TABLE deliveries (
    case_id TEXT PRIMARY KEY REFERENCES cases (id),
    channel TEXT NOT NULL,
    target TEXT NOT NULL,
    passphrase_by TEXT NOT NULL,
    package_sha256 TEXT NOT NULL,
    delivered_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE log_entries (
    seq INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL,
    leaf_hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER log_entries_stay BEFORE UPDATE ON log_entries
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER log_entries_are_kept BEFORE DELETE ON log_entries
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER log_entries_are_contiguous BEFORE INSERT ON log_entries
WHEN NEW.seq <> (SELECT COALESCE(MAX(seq) + 1, 0) FROM log_entries)
BEGIN SELECT RAISE(ABORT, 'the audit log has no gaps'); END;

CREATE TABLE log_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    head BLOB NOT NULL,
    checkpoint TEXT NOT NULL
) STRICT;
CREATE TRIGGER log_head_grows BEFORE UPDATE ON log_head WHEN NEW.size < OLD.size
BEGIN SELECT RAISE(ABORT, 'the audit log never shrinks'); END;

CREATE TRIGGER review_events_stay BEFORE UPDATE ON review_events
BEGIN SELECT RAISE(ABORT, 'review decisions are append-only'); END;
CREATE TRIGGER review_events_are_kept BEFORE DELETE ON review_events
BEGIN SELECT RAISE(ABORT, 'review decisions are append-only'); END;

CREATE TABLE settings (key TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;

-- What screens show about jobs; the queue keeps its own tables.
CREATE TABLE job_states (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    case_id TEXT NOT NULL,
    call INTEGER,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT,
    attempts INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX job_states_of_case ON job_states (case_id, created_at);
CREATE INDEX job_states_open ON job_states (state);
