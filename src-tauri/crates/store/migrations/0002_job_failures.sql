-- Why a job failed, as a stable name that programs can act on.
ALTER TABLE job_states ADD COLUMN code TEXT;
