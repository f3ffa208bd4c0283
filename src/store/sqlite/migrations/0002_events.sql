-- Events and subscriptions. A delivery is a task; its payload is the event's data, which is stored once.

-- `id` is the event's position: a key from the same sequence as the tasks', so that reading on from a position needs no index.
CREATE TABLE event (
  id             INTEGER PRIMARY KEY,
  event_id       TEXT NOT NULL,
  source_service TEXT NOT NULL,
  type           TEXT NOT NULL,
  subject        TEXT,
  -- When it happened, by the publisher's clock; NULL: when it was stored.
  time_s         INTEGER,
  time_ns        INTEGER,
  correlation_id TEXT,
  causation_id   TEXT,
  -- JSON, sorted by key; NULL: none.
  attributes     TEXT,
  -- Subscriptions that it was delivered to when it was stored.
  delivered_to   INTEGER NOT NULL DEFAULT 0 CHECK (delivered_to >= 0),
  data           BLOB,
  CHECK ((time_s IS NULL) = (time_ns IS NULL))
) STRICT;

CREATE UNIQUE INDEX event_name ON event (event_id, source_service);
CREATE INDEX event_correlation ON event (correlation_id, id) WHERE correlation_id IS NOT NULL;

-- The newest event that retention has deleted: whoever wants to begin before it is refused.
INSERT INTO meta (name, value) VALUES ('last_swept_event', 0);

-- States: 1 live, 2 catching up, 3 ended with deliveries that still wait, 4 ended. Of an ended one only the name is kept, for
-- the deliveries that name it.
CREATE TABLE subscription (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL,
  state       INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
  -- While it catches up: the last event that it has taken in. While it ends: the deliveries below are still to be cancelled.
  position_id INTEGER,
  content     TEXT CHECK (content IS NULL OR json_valid(content)),
  create_ms   INTEGER NOT NULL,
  CHECK ((state IN (2, 3)) = (position_id IS NOT NULL)),
  CHECK ((state <= 2) = (content IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX subscription_name ON subscription (name) WHERE state <= 2;

-- NULL in a task that is no delivery: such columns cost nothing.
ALTER TABLE task ADD COLUMN event_key INTEGER REFERENCES event (id);
ALTER TABLE task ADD COLUMN subscription_id INTEGER REFERENCES subscription (id);
-- Of the unfinished deliveries of a subscription with the same one, at most one is not BLOCKED.
ALTER TABLE task ADD COLUMN ordering_key TEXT;

CREATE INDEX task_event ON task (event_key) WHERE event_key IS NOT NULL;
CREATE INDEX task_ordering ON task (subscription_id, ordering_key, state, id) WHERE ordering_key IS NOT NULL AND state <= 4;
