-- Who changed which setting of a queue, when and why: the newest change of each setting. The audit log has all changes, while it keeps
-- them, and none while authentication is off.
CREATE TABLE setting_change (
  queue_id  INTEGER NOT NULL REFERENCES queue (id),
  -- The setting, by the name that it has in queue.settings.
  setting   TEXT NOT NULL,
  change_ms INTEGER NOT NULL,
  -- Empty: authentication was off.
  principal TEXT NOT NULL,
  -- Empty: none was given.
  reason    TEXT NOT NULL,
  -- The value before, for people.
  previous  TEXT NOT NULL,
  PRIMARY KEY (queue_id, setting)
) STRICT, WITHOUT ROWID;
