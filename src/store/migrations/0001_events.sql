-- The bounded event log. Times are ms since 1970.

CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  topic TEXT NOT NULL,
  device TEXT,
  data_json TEXT NOT NULL
) STRICT;

CREATE INDEX events_of_jobs ON events (seq) WHERE topic = 'job.changed';

-- What decides at the next start whether numbered events may have been lost.
CREATE TABLE log (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  epoch TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  closed_cleanly INTEGER NOT NULL CHECK (closed_cleanly IN (0, 1))
) STRICT;
