-- Room in the row of a task for what its first attempt and its end write into it, which gives it up. Without it, a page that was full of
-- waiting tasks is split when they are settled, and its neighbours are written too: 9.7 pages for 32 tasks instead of 6.7.
ALTER TABLE task ADD COLUMN room BLOB;
