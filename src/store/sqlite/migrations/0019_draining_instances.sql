-- Which instances have said that they drain: one that does is handed to no caller, also by a server that was just started.

ALTER TABLE instance ADD COLUMN draining INTEGER NOT NULL DEFAULT 0 CHECK (draining IN (0, 1));
