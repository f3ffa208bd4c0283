-- Tasks that stand beside the line of their queue: of a type that a worker with types has passed over, `type:` and the type. A
-- worker that says which types it handles then never looks at them again, and one that handles theirs finds them at once.

ALTER TABLE task ADD COLUMN lane TEXT;

DROP INDEX task_ready;
CREATE INDEX task_ready ON task (queue_id, priority DESC, ready_key) WHERE state = 3 AND lane IS NULL;
CREATE INDEX task_lane ON task (queue_id, lane, priority DESC, ready_key) WHERE state = 3 AND lane IS NOT NULL;
