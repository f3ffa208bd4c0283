-- The audit log: who changed what, and who was refused. Rows are added and deleted, never changed, and hold no payload, no text of an
-- error and no secret.

CREATE TABLE audit_entry (
  -- Never used again, though the oldest rows are deleted.
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ms    INTEGER NOT NULL,
  -- Empty: not signed in.
  principal  TEXT NOT NULL,
  credential TEXT NOT NULL,
  peer       TEXT NOT NULL,
  method     TEXT NOT NULL,
  resource   TEXT NOT NULL,
  code       TEXT NOT NULL,
  reason     TEXT NOT NULL,
  -- How many refusals of the same kind it stands for.
  count      INTEGER NOT NULL CHECK (count > 0)
) STRICT;

-- Lists go by time, and so does retention: after a jump of the clock the order of the ids is not that of the times.
CREATE INDEX audit_entry_time ON audit_entry (time_ms, id);
