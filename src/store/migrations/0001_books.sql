-- The books: jobs, access, devices, fences, the ledger, and the hub's own small values.
-- Times are ms since 1970. Columns named *_json hold JSON text that nothing here looks into.

-- Payloads live apart, so that a change of state rewrites a small row and not a picture.
CREATE TABLE jobs (
  ord INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  kind TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'running', 'done', 'failed', 'expired', 'unknown')),
  attempts INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  finished_at INTEGER,
  moved_from TEXT,
  client TEXT NOT NULL,
  outcome_json TEXT,
  error_json TEXT,
  evidence TEXT
) STRICT;

CREATE TABLE job_payloads (
  ord INTEGER PRIMARY KEY REFERENCES jobs (ord) ON DELETE CASCADE,
  payload TEXT NOT NULL
) STRICT;

CREATE INDEX jobs_by_device ON jobs (device, ord, state);

-- Nearly all jobs are done, and those need no index: the newest rows are mostly theirs.
CREATE INDEX jobs_by_state ON jobs (state, ord, device) WHERE state <> 'done';

CREATE INDEX jobs_by_end ON jobs (coalesce(finished_at, created_at)) WHERE state NOT IN ('pending', 'running');

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE pair_codes (
  hash TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  name TEXT,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  class TEXT NOT NULL,
  driver TEXT NOT NULL,
  profile TEXT NOT NULL,
  port TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  settings_json TEXT NOT NULL,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  backup TEXT,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Apart from devices: a fence rises for ever, also when its device is removed and comes back.
CREATE TABLE fences (
  device TEXT PRIMARY KEY,
  fence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

-- The head of the chain, so that a cut-off tail is noticed.
CREATE TABLE ledger_head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;

INSERT INTO ledger_head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- Also stops INSERT OR REPLACE, which deletes without asking the trigger above.
CREATE TRIGGER ledger_in_order BEFORE INSERT ON ledger
WHEN NEW.seq IS NOT (SELECT seq + 1 FROM ledger_head)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER ledger_moves_head AFTER INSERT ON ledger
BEGIN UPDATE ledger_head SET seq = NEW.seq, hash = NEW.hash; END;
