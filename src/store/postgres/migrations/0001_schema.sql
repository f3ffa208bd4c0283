-- Everything that sitq keeps. The columns of tasks, events and workflows have the names and meanings of the SQLite engine's: both engines read
-- their rows by src/store/rows/. Times are milliseconds since 1970, keys are those of src/domain/ids.ts, both below 2^53.

CREATE TABLE meta (
  name  text PRIMARY KEY,
  value text NOT NULL
);
INSERT INTO meta (name, value)
VALUES
  ('page_key', upper(md5(gen_random_uuid()::text) || md5(gen_random_uuid()::text))),
  -- By which servers know each other.
  ('cluster_secret', md5(gen_random_uuid()::text) || md5(gen_random_uuid()::text));

-- The last key that was given out. One row; it is locked for a moment, never as long as a transaction.
CREATE TABLE key_range (
  is_only   boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  last      bigint NOT NULL,
  -- How many rows key_stretch has.
  stretches integer NOT NULL
);
INSERT INTO key_range (last, stretches) VALUES (0, 0);

CREATE TABLE key_stretch (
  from_key bigint PRIMARY KEY,
  ahead_ms bigint NOT NULL CHECK (ahead_ms >= 0)
);

-- Held from the first event that a transaction stores until its commit: events get their keys in the order of the commits.
CREATE TABLE event_feed (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  -- The last event that was ever stored.
  last    bigint NOT NULL,
  -- The last event that retention has deleted.
  swept   bigint NOT NULL
);
INSERT INTO event_feed (last, swept) VALUES (0, 0);

-- Holds nothing. It is locked by those who decide which delivery of a key is the next: see src/store/postgres/tasks/ordering.ts.
CREATE TABLE delivery_order (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only)
);

-- Counts the changes of what servers keep in memory.
CREATE TABLE revision (
  is_only  boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  -- Of queues' settings and of subscriptions, as transactions see them.
  value    bigint NOT NULL DEFAULT 0,
  -- Of principals, their grants, certificates and tokens.
  access   bigint NOT NULL DEFAULT 0,
  -- Of registrations of instances, and of the settings of services.
  services bigint NOT NULL DEFAULT 0,
  -- Of the settings of queues.
  settings bigint NOT NULL DEFAULT 0,
  -- Of all stored times of spans that run, by a jump of the database's clock.
  shifts   bigint NOT NULL DEFAULT 0
);
INSERT INTO revision DEFAULT VALUES;

-- One row for each start of a server. Each of its transactions begins by a change of the row, and holds it to the end.
CREATE TABLE server (
  id       integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  -- The last batch that it committed: where the connection breaks in a commit, this tells what became of it.
  batch    bigint NOT NULL DEFAULT 0,
  -- The transaction that committed it: what claims have begun in it is found by that, should their answers be lost.
  batch_xid xid,
  -- When another server ended it: nothing of it can be committed any more. NULL: it may write.
  end_ms   bigint,
  -- What it held and counted after its end belongs to another server.
  is_taken boolean NOT NULL DEFAULT false CHECK (NOT is_taken OR end_ms IS NOT NULL),
  -- The servers for whom its commits have to be stored in `change`: see src/store/postgres/engine/watchers.ts.
  task_watchers     integer[] NOT NULL DEFAULT '{}',
  workflow_watchers integer[] NOT NULL DEFAULT '{}'
);
CREATE INDEX server_ended ON server (end_ms) WHERE end_ms IS NOT NULL;

-- Until when each server that has not ended counts as alive, by the clock of the database. Not in `server`: a renewal must not wait for
-- what the server writes.
CREATE TABLE membership (
  server_id   integer PRIMARY KEY,
  start_ms    bigint NOT NULL,
  until_ms    bigint NOT NULL,
  -- NULL: it has not joined the others.
  address     text,
  -- NULL: it has no TLS.
  certificate text,
  version     text,
  -- The last row of `change` that it is known to have read. NULL: it watches nothing.
  read_change bigint,
  CHECK ((address IS NULL) = (version IS NULL))
) WITH (fillfactor = 50);

-- The server that does the upkeep.
CREATE TABLE leader (
  is_only   boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  -- NULL: none.
  server_id integer,
  -- Grows with each change of the leader.
  term      bigint NOT NULL DEFAULT 0,
  until_ms  bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO leader DEFAULT VALUES;

-- The feed of changes of tasks and workflows. A commit that has some takes its numbers from here last of all, and holds the row to its end: so the
-- order of the numbers is that of the commits, without gaps.
CREATE TABLE change_feed (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  last    bigint NOT NULL
);
INSERT INTO change_feed (last) VALUES (0);

-- What commits changed, for the servers that watch: until all of them have read it. By no clock: the database's may be set forward.
CREATE TABLE change (
  number  bigint PRIMARY KEY,
  -- JSON: see src/store/postgres/engine/change-rows.ts.
  changes text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 1,
  autovacuum_vacuum_insert_scale_factor = 1);

CREATE TABLE queue (
  id        integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  name      text NOT NULL UNIQUE COLLATE "C",
  settings  text NOT NULL,
  create_ms bigint NOT NULL,
  update_ms bigint NOT NULL
);

-- How many tasks a queue holds in each state: the sum over the servers. Each server adds what it did to a row of its own, so that no
-- two wait for each other; the counts of one server alone may be below zero.
CREATE TABLE queue_count (
  queue_id  integer NOT NULL,
  server_id integer NOT NULL,
  blocked   bigint NOT NULL DEFAULT 0,
  scheduled bigint NOT NULL DEFAULT 0,
  pending   bigint NOT NULL DEFAULT 0,
  running   bigint NOT NULL DEFAULT 0,
  completed bigint NOT NULL DEFAULT 0,
  failed    bigint NOT NULL DEFAULT 0,
  cancelled bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (queue_id, server_id)
) WITH (fillfactor = 50);

-- The same of the deliveries of a subscription that a queue holds.
CREATE TABLE delivery_count (
  queue_id        integer NOT NULL,
  subscription_id integer NOT NULL,
  server_id       integer NOT NULL,
  waiting         bigint NOT NULL DEFAULT 0,
  running         bigint NOT NULL DEFAULT 0,
  failed          bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (queue_id, subscription_id, server_id)
) WITH (fillfactor = 50);
CREATE INDEX delivery_count_subscription ON delivery_count (subscription_id);

CREATE TABLE setting_change (
  queue_id  integer NOT NULL REFERENCES queue (id),
  -- The setting, by the name that it has in queue.settings.
  setting   text NOT NULL COLLATE "C",
  change_ms bigint NOT NULL,
  -- Empty: authentication was off.
  principal text NOT NULL,
  -- Empty: none was given.
  reason    text NOT NULL,
  -- The value before, for people.
  previous  text NOT NULL,
  PRIMARY KEY (queue_id, setting)
);

-- Partitioned: unfinished tasks are in task_live, finished ones nearly all in the partitions of src/store/postgres/retention/. partition_key says in
-- which one a row is; PostgreSQL moves it as that changes. Statements about unfinished tasks name task_live.
CREATE TABLE task (
  -- Unique over all partitions, as src/store/postgres/database/keys.ts gives each once.
  id                bigint NOT NULL,
  -- No foreign key: a queue is never deleted, and the check would cost each task a look, and a lock that all servers share.
  queue_id          integer NOT NULL,
  -- The numbers of sitq.v1.TaskState.
  state             smallint NOT NULL CHECK (state BETWEEN 1 AND 7),
  priority          smallint NOT NULL,
  -- The place in line among equals: the id, or for a task that waited, the time when it was due in the same measure.
  ready_key         bigint NOT NULL,
  attempt           integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  -- Attempts that were used before the last RetryTask; the allowance counts from here.
  attempt_base      integer NOT NULL DEFAULT 0 CHECK (attempt_base BETWEEN 0 AND attempt),
  start_ms          bigint,
  finish_ms         bigint,
  -- The end of a lease that only ExtendLease prolongs; NULL while a stream keeps it alive.
  lease_ms          bigint,
  -- The server that watches the lease; 0: none did yet.
  server_id         integer NOT NULL DEFAULT 0,
  -- What is added to the time when it is completed for its partition_key, by the settings that its queue had when its attempt began.
  retention_key          bigint,
  -- Which partition it is in. 2^53 - 1: it is unfinished. 2^53 - 2: it is finished, and stays where it is, since it is large. 0: when it is deleted is
  -- not known, as of a workflow's tasks, or there was no partition for it. Otherwise when its retention is over, plus the number of the kind of
  -- partitions times 2^44.
  partition_key          bigint NOT NULL DEFAULT 9007199254740991,
  schedule_ms       bigint,
  expire_ms         bigint,
  type              text NOT NULL,
  worker_id         text,
  request_id        text,
  deduplication_key text,
  correlation_id    text,
  source_service    text,
  -- What the producer said of the policy, as JSON; NULL: nothing. The queue's settings fill the rest when it is needed.
  options           text,
  headers           text,
  progress          text,
  error             text,
  payload           bytea,
  result            bytea,
  event_key         bigint,
  subscription_id   integer,
  ordering_key      text,
  workflow_id       bigint,
  undoes            integer,
  lane              text COLLATE "C",
  lane_until_ms     bigint,
  completed_key     bigint,
  traceparent       text,
  CHECK ((state >= 5) = (finish_ms IS NOT NULL)),
  CHECK ((state >= 5) = (partition_key < 9007199254740991)),
  CHECK (state <> 4 OR (worker_id IS NOT NULL AND start_ms IS NOT NULL AND attempt > attempt_base)),
  CHECK (state <> 2 OR schedule_ms IS NOT NULL),
  CHECK (state = 4 OR lease_ms IS NULL)
) PARTITION BY RANGE (partition_key);
CREATE INDEX task_id ON task (id);
CREATE INDEX task_stopped ON task (queue_id, state, id) WHERE state >= 6;
CREATE INDEX task_correlation ON task (correlation_id, id) WHERE correlation_id IS NOT NULL;
CREATE INDEX task_event ON task (event_key) WHERE event_key IS NOT NULL;
CREATE INDEX task_compensation ON task (workflow_id, undoes) WHERE undoes IS NOT NULL;

CREATE TABLE task_kept PARTITION OF task FOR VALUES FROM (0) TO (1)
  WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 1);
CREATE TABLE task_live PARTITION OF task FOR VALUES FROM (9007199254740990) TO (MAXVALUE)
  WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 1, autovacuum_vacuum_insert_scale_factor = 0.2);
-- Not of the id itself: who looks for these must not go through all unfinished ones by the index of ids.
CREATE INDEX task_large ON task_live ((id + 0)) WHERE partition_key < 9007199254740991;
CREATE INDEX task_ready ON task_live (queue_id, priority DESC, ready_key, id) WHERE state = 3 AND lane IS NULL;
CREATE INDEX task_lane ON task_live (queue_id, lane, priority DESC, ready_key, id) WHERE state = 3 AND lane IS NOT NULL;
CREATE INDEX task_lane_until ON task_live (lane_until_ms) WHERE lane_until_ms IS NOT NULL AND state = 3;
CREATE INDEX task_scheduled ON task_live (schedule_ms) WHERE state = 2;
CREATE INDEX task_running ON task_live (id) WHERE state = 4;
CREATE INDEX task_expiring ON task_live (expire_ms) WHERE expire_ms IS NOT NULL AND state <= 3;
CREATE UNIQUE INDEX task_deduplication ON task_live (queue_id, deduplication_key) WHERE deduplication_key IS NOT NULL AND state <= 4;
CREATE INDEX task_ordering ON task_live (subscription_id, ordering_key, state, id) WHERE ordering_key IS NOT NULL AND state <= 4;

-- The request ids of all tasks: no index of a partitioned table is unique over its partitions. One whose task is gone stands for none, and is deleted soon.
CREATE TABLE task_request (
  request_id text PRIMARY KEY COLLATE "C",
  task_id    bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_vacuum_cost_delay = 1);

-- The partitions of `task` that are dropped whole: see src/store/postgres/retention/.
CREATE TABLE task_partition (
  name        text PRIMARY KEY COLLATE "C",
  -- Its rows have this partition_key at least, and one below until_key.
  from_key    bigint NOT NULL UNIQUE,
  until_key   bigint NOT NULL CHECK (until_key > from_key),
  -- The next of its pages to sweep, since it was detached; NULL: it is attached.
  next_page bigint,
  -- All of it is swept: it can be dropped.
  is_swept   boolean NOT NULL DEFAULT false CHECK (NOT is_swept OR next_page IS NOT NULL)
);

CREATE TABLE attempt (
  task_id   bigint NOT NULL,
  seq       integer NOT NULL,
  attempt   integer NOT NULL CHECK (attempt > 0),
  worker_id text NOT NULL,
  start_ms  bigint NOT NULL,
  finish_ms bigint NOT NULL,
  outcome   smallint NOT NULL CHECK (outcome BETWEEN 2 AND 6),
  error     text,
  PRIMARY KEY (task_id, seq)
);

CREATE TABLE failure (
  id         integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  queue_id   integer NOT NULL,
  type       text NOT NULL,
  -- Empty: the error has none.
  error_type text NOT NULL,
  task_count bigint NOT NULL CHECK (task_count > 0),
  -- Since the kind was last empty: which of the tasks are still there is not counted.
  first_ms   bigint NOT NULL,
  last_ms    bigint NOT NULL,
  -- The task that failed last. It may have left the state since.
  sample_id  bigint NOT NULL,
  UNIQUE (queue_id, type, error_type)
);
CREATE INDEX failure_largest ON failure (task_count);
CREATE INDEX failure_of_queue ON failure (queue_id, task_count);

CREATE TABLE event (
  id             bigint PRIMARY KEY,
  event_id       text NOT NULL,
  source_service text NOT NULL,
  type           text NOT NULL,
  subject        text,
  -- When it happened, by the publisher's clock; NULL: when it was stored.
  time_s         bigint,
  time_ns        integer,
  correlation_id text,
  causation_id   text,
  -- JSON, sorted by key; NULL: none.
  attributes     text,
  -- Subscriptions that it was delivered to when it was stored.
  delivered_to   integer NOT NULL DEFAULT 0 CHECK (delivered_to >= 0),
  data           bytea,
  CHECK ((time_s IS NULL) = (time_ns IS NULL))
);
CREATE UNIQUE INDEX event_name ON event (event_id, source_service);
CREATE INDEX event_correlation ON event (correlation_id, id) WHERE correlation_id IS NOT NULL;

CREATE TABLE subscription (
  id          integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  name        text NOT NULL COLLATE "C",
  state       smallint NOT NULL CHECK (state BETWEEN 1 AND 4),
  -- While it catches up: the last event that it has taken in. While it ends: the deliveries below are still to be cancelled.
  position_id bigint,
  content     text,
  create_ms   bigint NOT NULL,
  paused      smallint NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
  earlier     text,
  CHECK ((state IN (2, 3)) = (position_id IS NOT NULL)),
  CHECK ((state <= 2) = (content IS NOT NULL))
);
CREATE UNIQUE INDEX subscription_name ON subscription (name) WHERE state <= 2;

CREATE TABLE workflow (
  id             bigint PRIMARY KEY,
  name           text NOT NULL,
  -- The numbers of sitq.v1.WorkflowState and sitq.v1.CompensationState.
  state          smallint NOT NULL CHECK (state BETWEEN 1 AND 5),
  compensation   smallint NOT NULL DEFAULT 0 CHECK (compensation BETWEEN 0 AND 3),
  -- How many steps there are.
  size           integer NOT NULL CHECK (size > 0),
  start_ms       bigint,
  finish_ms      bigint,
  correlation_id text NOT NULL,
  source_service text,
  request_id     text,
  -- Stands for the content that the request asked for.
  digest         text NOT NULL,
  -- What its steps depend on, read, and are undone by, as JSON.
  plan           text NOT NULL,
  failure        text,
  input          bytea,
  CHECK (state <> 3 OR finish_ms IS NOT NULL),
  CHECK (state >= 3 OR finish_ms IS NULL),
  CHECK (compensation NOT IN (2, 3) OR finish_ms IS NOT NULL)
);
CREATE UNIQUE INDEX workflow_request ON workflow (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX workflow_correlation ON workflow (correlation_id, id);
CREATE INDEX workflow_unfinished ON workflow (id) WHERE finish_ms IS NULL;
CREATE INDEX workflow_stopped ON workflow (id) WHERE state >= 4;

CREATE TABLE instance (
  service         text NOT NULL COLLATE "C",
  id              text NOT NULL COLLATE "C",
  registration_id text NOT NULL,
  address         text NOT NULL,
  capacity        bigint NOT NULL CHECK (capacity > 0),
  -- 0: its capacity.
  weight          bigint NOT NULL CHECK (weight >= 0),
  metadata        text NOT NULL,
  ttl_ms          bigint NOT NULL CHECK (ttl_ms > 0),
  draining        smallint NOT NULL DEFAULT 0 CHECK (draining IN (0, 1)),
  register_ms     bigint NOT NULL,
  PRIMARY KEY (service, id)
);

CREATE TABLE service (
  name        text PRIMARY KEY COLLATE "C",
  -- Empty: none is chosen.
  strategy    text NOT NULL,
  -- Empty: none.
  hash_header text NOT NULL,
  update_ms   bigint NOT NULL
);

-- Which instances, or settings of services, the changes of `revision.services` were about: by the number that it had then. The last few thousand
-- of them, for servers that keep all in memory.
CREATE TABLE registry_change (
  n       bigint NOT NULL,
  service text NOT NULL COLLATE "C",
  -- The instance; empty: the settings.
  id      text NOT NULL COLLATE "C",
  PRIMARY KEY (n, service, id)
);

CREATE TABLE principal (
  name      text PRIMARY KEY COLLATE "C",
  -- A list of grants, as JSON.
  grants    text NOT NULL,
  create_ms bigint NOT NULL,
  update_ms bigint NOT NULL
);

CREATE TABLE principal_certificate (
  kind      text NOT NULL COLLATE "C" CHECK (kind IN ('uri', 'dns')),
  name      text NOT NULL COLLATE "C",
  principal text NOT NULL REFERENCES principal (name),
  PRIMARY KEY (kind, name)
);

CREATE TABLE token (
  id          text PRIMARY KEY COLLATE "C",
  principal   text NOT NULL REFERENCES principal (name),
  -- The SHA-256 of the secret.
  hash        text NOT NULL CHECK (length(hash) = 64),
  create_ms   bigint NOT NULL,
  expire_ms   bigint,
  last_use_ms bigint,
  revoke_ms   bigint
);

CREATE TABLE audit_entry (
  id         bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  time_ms    bigint NOT NULL,
  -- Empty: not signed in.
  principal  text NOT NULL,
  credential text NOT NULL,
  peer       text NOT NULL,
  method     text NOT NULL,
  resource   text NOT NULL,
  code       text NOT NULL,
  reason     text NOT NULL,
  -- How many refusals of the same kind it stands for.
  count      bigint NOT NULL CHECK (count > 0)
);
CREATE INDEX audit_entry_time ON audit_entry (time_ms, id);
