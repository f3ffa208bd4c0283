-- Tasks, their ended attempts, and their queues.
--
-- States are the numbers of sitq.v1.TaskState: 1 blocked, 2 scheduled, 3 pending, 4 running, 5 completed, 6 failed,
-- 7 cancelled. Times are milliseconds since 1970.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- The highest task id that was ever given out, kept when rows are deleted, so that no id comes twice.
INSERT INTO meta (name, value) VALUES ('last_task_id', 0);

-- The counts are kept by the transactions that move tasks: counting rows would cost as much as there are.
CREATE TABLE queue (
  id        INTEGER PRIMARY KEY,
  name      TEXT NOT NULL UNIQUE,
  settings  TEXT NOT NULL CHECK (json_valid(settings)),
  blocked   INTEGER NOT NULL DEFAULT 0 CHECK (blocked >= 0),
  scheduled INTEGER NOT NULL DEFAULT 0 CHECK (scheduled >= 0),
  pending   INTEGER NOT NULL DEFAULT 0 CHECK (pending >= 0),
  running   INTEGER NOT NULL DEFAULT 0 CHECK (running >= 0),
  completed INTEGER NOT NULL DEFAULT 0 CHECK (completed >= 0),
  failed    INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
  cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
  create_ms INTEGER NOT NULL,
  update_ms INTEGER NOT NULL
) STRICT;

-- `id` holds the time of creation (see ids.ts), so that rows are appended, listings by time need no index, and no random
-- text key has to be kept: unique text ids halve the rate of inserts.
CREATE TABLE task (
  id                INTEGER PRIMARY KEY,
  queue_id          INTEGER NOT NULL REFERENCES queue (id),
  state             INTEGER NOT NULL CHECK (state BETWEEN 1 AND 7),
  priority          INTEGER NOT NULL,
  -- The place in line among equals: the id, or for a task that waited, the time when it was due in the same measure.
  ready_key         INTEGER NOT NULL,
  attempt           INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  -- Attempts that were used before the last RetryTask; the allowance counts from here.
  attempt_base      INTEGER NOT NULL DEFAULT 0 CHECK (attempt_base BETWEEN 0 AND attempt),
  start_ms          INTEGER,
  finish_ms         INTEGER,
  -- The end of a lease that only ExtendLease prolongs; NULL while a stream keeps it alive.
  lease_ms          INTEGER,
  schedule_ms       INTEGER,
  expire_ms         INTEGER,
  type              TEXT NOT NULL,
  worker_id         TEXT,
  request_id        TEXT,
  deduplication_key TEXT,
  correlation_id    TEXT,
  source_service    TEXT,
  -- What the producer said of the policy, as JSON; NULL: nothing. The queue's settings fill the rest when it is needed.
  options           TEXT,
  headers           TEXT,
  progress          TEXT,
  error             TEXT,
  payload           BLOB,
  result            BLOB,
  CHECK ((state >= 5) = (finish_ms IS NOT NULL)),
  CHECK (state <> 4 OR (worker_id IS NOT NULL AND start_ms IS NOT NULL AND attempt > attempt_base)),
  CHECK (state <> 2 OR schedule_ms IS NOT NULL),
  CHECK (state = 4 OR lease_ms IS NULL)
) STRICT;

-- Who is next. Future tasks are kept out: 200,000 of them in it cost 15 ms a claim, 0.06 ms without them.
CREATE INDEX task_ready ON task (queue_id, priority DESC, ready_key) WHERE state = 3;
-- What becomes due.
CREATE INDEX task_scheduled ON task (schedule_ms) WHERE state = 2;
-- The leases, which are read at start.
CREATE INDEX task_running ON task (id) WHERE state = 4;
-- What an operator looks for. Completed tasks are not in it: they are most of all, and every one would pay.
CREATE INDEX task_stopped ON task (queue_id, state, id) WHERE state >= 6;
CREATE INDEX task_expiring ON task (expire_ms) WHERE expire_ms IS NOT NULL AND state <= 3;
CREATE INDEX task_correlation ON task (correlation_id, id) WHERE correlation_id IS NOT NULL;
CREATE UNIQUE INDEX task_request ON task (request_id) WHERE request_id IS NOT NULL;
CREATE UNIQUE INDEX task_deduplication ON task (queue_id, deduplication_key)
  WHERE deduplication_key IS NOT NULL AND state <= 4;

-- Attempts that ended without completing. The one that completed, or runs, stands in the task's own row: a task that
-- succeeds at once writes nothing here. Outcomes are the numbers of sitq.v1.AttemptOutcome.
CREATE TABLE attempt (
  task_id   INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  attempt   INTEGER NOT NULL CHECK (attempt > 0),
  worker_id TEXT NOT NULL,
  start_ms  INTEGER NOT NULL,
  finish_ms INTEGER NOT NULL,
  outcome   INTEGER NOT NULL CHECK (outcome BETWEEN 2 AND 6),
  error     TEXT,
  PRIMARY KEY (task_id, seq)
) STRICT, WITHOUT ROWID;
