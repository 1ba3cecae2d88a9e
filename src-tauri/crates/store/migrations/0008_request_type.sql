-- What the person asks for. // S3-33
ALTER TABLE cases ADD COLUMN request_type TEXT NOT NULL DEFAULT 'access';

-- How a case ended that nothing was handed over for. The statement may hold personal data.
CREATE TABLE closings (
    case_id TEXT PRIMARY KEY REFERENCES cases (id),
    outcome TEXT NOT NULL,
    statement TEXT NOT NULL,
    by TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
