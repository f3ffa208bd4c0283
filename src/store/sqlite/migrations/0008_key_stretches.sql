-- From one key on, keys run ahead of the clock by so many milliseconds: the clock was behind the last key (see key-sequence.ts).
CREATE TABLE key_stretch (
  from_key INTEGER PRIMARY KEY,
  ahead_ms INTEGER NOT NULL CHECK (ahead_ms >= 0)
) STRICT;

-- The place of a step among the completed ones, where another step may undo it: it is undone before those that were completed
-- before it, whatever the clock said. NULL: it is not completed, or was so before this column came.
ALTER TABLE task ADD COLUMN completed_key INTEGER;
