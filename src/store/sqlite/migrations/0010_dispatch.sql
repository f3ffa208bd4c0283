-- A task can say how it is dispatched: its lane is then `by:` and a strategy, or `worker:` and the worker that it is for, until
-- a time after which any worker may have it.

ALTER TABLE task ADD COLUMN lane_until_ms INTEGER;

CREATE INDEX task_lane_until ON task (lane_until_ms) WHERE lane_until_ms IS NOT NULL AND state = 3;
