-- The key that hides where the pages of lists end: what stands there may be out of the reader's scope.
INSERT INTO meta (name, value) VALUES ('page_key', hex(randomblob(32)));
