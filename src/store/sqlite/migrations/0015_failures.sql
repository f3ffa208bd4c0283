-- How many FAILED tasks there are of each kind: queue, type of task and type of error. Kept by the transactions in which tasks come into
-- the state and leave it. Any number of tasks is then described by a few rows; what does not fail pays nothing.
CREATE TABLE failure (
  id         INTEGER PRIMARY KEY,
  queue_id   INTEGER NOT NULL REFERENCES queue (id),
  type       TEXT NOT NULL,
  -- Empty: the error has none.
  error_type TEXT NOT NULL,
  task_count INTEGER NOT NULL CHECK (task_count > 0),
  -- Since the kind was last empty: which of the tasks are still there is not counted.
  first_ms   INTEGER NOT NULL,
  last_ms    INTEGER NOT NULL,
  -- The task that failed last. It may have left the state since.
  sample_id  INTEGER NOT NULL,
  UNIQUE (queue_id, type, error_type)
) STRICT;

-- The largest first, of all queues and of one.
CREATE INDEX failure_largest ON failure (task_count);
CREATE INDEX failure_of_queue ON failure (queue_id, task_count);

INSERT INTO failure (queue_id, type, error_type, task_count, first_ms, last_ms, sample_id)
  SELECT queue_id, CAST(type AS TEXT), CAST(ifnull(CASE WHEN json_valid(error) THEN error ->> '$.type' END, '') AS TEXT) AS kind,
    count(*), min(finish_ms), max(finish_ms), max(id)
  FROM task INDEXED BY task_stopped WHERE state >= 6 AND state = 6 GROUP BY 1, 2, 3;
