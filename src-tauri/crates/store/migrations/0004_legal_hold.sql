-- A case may ask that nothing its searches find is deleted until it closes.
ALTER TABLE cases ADD COLUMN legal_hold INTEGER NOT NULL DEFAULT 0;

-- What was asked of a source for a recording, and what came of it.
CREATE TABLE legal_holds (
    case_id TEXT NOT NULL REFERENCES cases (id),
    source TEXT NOT NULL,
    conversation TEXT NOT NULL,
    recording TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (case_id, source, conversation, recording)
) STRICT;
CREATE INDEX legal_holds_of_conversation ON legal_holds (source, conversation);
