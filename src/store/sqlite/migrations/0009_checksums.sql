-- Checksums of what is delivered: SQLite keeps none of its pages, and a bit that flips on the disk would be handed out as it is.
-- CRC-32 as a signed number (checksums.ts); NULL: an older version wrote the row.

-- Over what a worker is given of the task's own row.
ALTER TABLE task ADD COLUMN checksum INTEGER;
-- Over its result, which the steps that read it are given.
ALTER TABLE task ADD COLUMN result_checksum INTEGER;
ALTER TABLE event ADD COLUMN checksum INTEGER;
ALTER TABLE workflow ADD COLUMN plan_checksum INTEGER;
ALTER TABLE workflow ADD COLUMN input_checksum INTEGER;
