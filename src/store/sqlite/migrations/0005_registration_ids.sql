-- Two processes can register under one name. Each registration has an id, so that a heartbeat or a deregistration of the one
-- never touches the other.

ALTER TABLE instance ADD COLUMN registration_id TEXT NOT NULL DEFAULT '';
-- Those from before get one of their own: an empty one would belong to any of them.
UPDATE instance SET registration_id = lower(hex(randomblob(16)));
