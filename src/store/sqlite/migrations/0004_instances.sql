-- Who is registered with the registry, so that a restart of the server is none of its instances.
--
-- What changes with every heartbeat is not here: a write for each would cost the tasks their commits, and after a restart it
-- is heard of again within one ttl.

CREATE TABLE instance (
  service     TEXT NOT NULL,
  id          TEXT NOT NULL,
  address     TEXT NOT NULL,
  capacity    INTEGER NOT NULL CHECK (capacity > 0),
  -- 0: its capacity.
  weight      INTEGER NOT NULL CHECK (weight >= 0),
  metadata    TEXT NOT NULL CHECK (json_valid(metadata)),
  ttl_ms      INTEGER NOT NULL CHECK (ttl_ms > 0),
  register_ms INTEGER NOT NULL,
  PRIMARY KEY (service, id)
) STRICT, WITHOUT ROWID;
