-- Who may do what. A principal is proved by a token or by a certificate; of a token only the hash of its secret is kept.

CREATE TABLE principal (
  name      TEXT PRIMARY KEY,
  -- A list of grants, as JSON.
  grants    TEXT NOT NULL,
  create_ms INTEGER NOT NULL,
  update_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The names of certificates that prove a principal: no two principals share one.
CREATE TABLE principal_certificate (
  kind      TEXT NOT NULL CHECK (kind IN ('uri', 'dns')),
  name      TEXT NOT NULL,
  principal TEXT NOT NULL REFERENCES principal (name),
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
  id          TEXT PRIMARY KEY,
  principal   TEXT NOT NULL REFERENCES principal (name),
  -- The SHA-256 of the secret.
  hash        TEXT NOT NULL CHECK (length(hash) = 64),
  create_ms   INTEGER NOT NULL,
  expire_ms   INTEGER,
  last_use_ms INTEGER,
  revoke_ms   INTEGER
) STRICT, WITHOUT ROWID;
