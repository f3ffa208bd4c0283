-- Workflows. A step is a task: of workflow w the step with number n is the task w + 1 + n. The keys are given out together, so
-- that the steps of a workflow lie side by side and need no table and no index of their own.

CREATE TABLE workflow (
  id             INTEGER PRIMARY KEY,
  name           TEXT NOT NULL,
  -- The numbers of sitq.v1.WorkflowState and sitq.v1.CompensationState.
  state          INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
  compensation   INTEGER NOT NULL DEFAULT 0 CHECK (compensation BETWEEN 0 AND 3),
  -- How many steps there are.
  size           INTEGER NOT NULL CHECK (size > 0),
  start_ms       INTEGER,
  finish_ms      INTEGER,
  correlation_id TEXT NOT NULL,
  source_service TEXT,
  request_id     TEXT,
  -- Stands for the content that the request asked for.
  digest         TEXT NOT NULL,
  -- What its steps depend on, read, and are undone by, as JSON.
  plan           TEXT NOT NULL CHECK (json_valid(plan)),
  failure        TEXT,
  input          BLOB,
  CHECK (state <> 3 OR finish_ms IS NOT NULL),
  CHECK (state >= 3 OR finish_ms IS NULL),
  CHECK ((compensation IN (2, 3)) <= (finish_ms IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX workflow_request ON workflow (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX workflow_correlation ON workflow (correlation_id, id);
-- What an operator looks for. Completed workflows are in none of them: they are most of all.
CREATE INDEX workflow_unfinished ON workflow (id) WHERE finish_ms IS NULL;
CREATE INDEX workflow_stopped ON workflow (id) WHERE state >= 4;

-- No foreign key: to delete a workflow would then look through every task for its children.
ALTER TABLE task ADD COLUMN workflow_id INTEGER;
-- The number of the step that the task undoes; NULL: it is a step itself, or belongs to no workflow.
ALTER TABLE task ADD COLUMN undoes INTEGER;

CREATE INDEX task_compensation ON task (workflow_id, undoes) WHERE undoes IS NOT NULL;
