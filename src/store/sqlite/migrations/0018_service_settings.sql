-- The settings of services, whether or not they have instances.
CREATE TABLE service (
  name        TEXT NOT NULL PRIMARY KEY,
  -- Empty: none is chosen.
  strategy    TEXT NOT NULL,
  -- Empty: none.
  hash_header TEXT NOT NULL,
  update_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
