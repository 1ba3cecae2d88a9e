-- What reviewers corrected. The words are in the vault of the case they were said in, so that shredding the case
-- takes them along; here is only what a list needs. // B17
CREATE TABLE corrections (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL,
    call INTEGER NOT NULL,
    span TEXT NOT NULL,
    ruling TEXT NOT NULL,
    entity TEXT NOT NULL,
    blob TEXT NOT NULL,
    by TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (case_id, call, span),
    FOREIGN KEY (case_id, call) REFERENCES calls (case_id, number)
) STRICT;
