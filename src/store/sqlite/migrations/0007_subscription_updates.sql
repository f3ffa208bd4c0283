-- Subscriptions that are changed in place, paused, and seen with what waits for them.

-- 1: it takes in no events; they wait behind its position.
ALTER TABLE subscription ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));
-- The filters that events from before a change are still to be matched by, as JSON: [{"untilKey": …, "filter": …}]; NULL: none.
ALTER TABLE subscription ADD COLUMN earlier TEXT CHECK (earlier IS NULL OR json_valid(earlier));

-- How many deliveries each subscription has in the queue, as JSON: [[subscription, waiting, running, failed]]; NULL: none. In the row
-- that each transaction writes anyway: an index over deliveries would cost each of them.
ALTER TABLE queue ADD COLUMN deliveries TEXT CHECK (deliveries IS NULL OR json_valid(deliveries));

CREATE TEMP TABLE delivery_count AS
  SELECT queue_id, subscription_id, sum(state <= 3) AS waiting, sum(state = 4) AS running, sum(state = 6) AS failed
  FROM task WHERE subscription_id IS NOT NULL AND state IN (1, 2, 3, 4, 6) GROUP BY queue_id, subscription_id;
UPDATE queue SET deliveries = (
  SELECT json_group_array(json_array(subscription_id, waiting, running, failed))
  FROM delivery_count WHERE queue_id = queue.id)
WHERE id IN (SELECT queue_id FROM delivery_count);
DROP TABLE delivery_count;
