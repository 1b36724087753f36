-- Who may in: devices of clients, users of the console and their sessions, origins of pages, the audit log.

-- The devices a client is held to, as a JSON list; null for all.
ALTER TABLE tokens ADD COLUMN devices_json TEXT;
ALTER TABLE tokens ADD COLUMN last_used_from TEXT;
ALTER TABLE pair_codes ADD COLUMN devices_json TEXT;

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  -- The name in small letters: two that differ by case only are one.
  name_key TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('owner', 'technician', 'monitor')),
  password TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_login_at INTEGER,
  last_login_from TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  hash TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  from_addr TEXT NOT NULL,
  agent TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user);

CREATE TABLE origins (
  origin TEXT PRIMARY KEY,
  allowed INTEGER NOT NULL CHECK (allowed IN (0, 1)),
  last_seen_at INTEGER,
  last_seen_from TEXT,
  refused INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Refusals are pruned apart from acts, so that nobody can push the acts out by knocking.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  who TEXT,
  role TEXT,
  from_addr TEXT,
  act TEXT NOT NULL,
  detail_json TEXT NOT NULL,
  result TEXT,
  count INTEGER NOT NULL,
  refusal INTEGER NOT NULL CHECK (refusal IN (0, 1))
) STRICT;

CREATE INDEX audit_by_kind ON audit (refusal, id);
