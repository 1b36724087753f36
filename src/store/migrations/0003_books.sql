-- The till: keys and seals of the ledger, registers, sessions, orders, cash, sums, stock, upstreams.
-- The ledger holds what happened; every table of orders, sessions and cash is an index into it, and could be made from it again.
-- Money is in minor units; quantities are millionths (_e6). Times are ms since 1970.

-- Public keys that signed, in PEM; `since` is the first entry under it.
CREATE TABLE ledger_keys (
  id TEXT PRIMARY KEY,
  public_key TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One signature for each commit, over the hash of its last entry: through the chain it proves all entries before.
CREATE TABLE ledger_seals (
  seq INTEGER PRIMARY KEY REFERENCES ledger (seq),
  key TEXT NOT NULL,
  signature TEXT NOT NULL
) STRICT;

CREATE TRIGGER ledger_seals_no_update BEFORE UPDATE ON ledger_seals
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_seals_no_delete BEFORE DELETE ON ledger_seals
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- What a register counts for ever, apart from its settings: it stays when the register is removed and made again.
CREATE TABLE till_counters (
  register TEXT PRIMARY KEY,
  last_number INTEGER NOT NULL,
  last_session INTEGER NOT NULL,
  last_tracking INTEGER NOT NULL,
  grand_total INTEGER NOT NULL,
  -- Cash counted at the last closing.
  last_counted INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE till_sessions (
  id TEXT PRIMARY KEY,
  register TEXT NOT NULL,
  number INTEGER NOT NULL,
  opened_seq INTEGER NOT NULL,
  closed_seq INTEGER,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  -- The last ledger entry that its report tells of: a closing that was counted before it is refused.
  last_seq INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  duplicates INTEGER NOT NULL,
  -- Session as it is answered, JSON.
  doc_json TEXT NOT NULL,
  -- What it was opened with, to tell a repeated request from another one.
  fingerprint TEXT NOT NULL,
  -- The Z report, JSON.
  report_json TEXT,
  UNIQUE (register, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX till_session_open ON till_sessions (register) WHERE closed_at IS NULL;
CREATE INDEX till_sessions_by_time ON till_sessions (opened_at, id);
CREATE INDEX till_sessions_of_register ON till_sessions (register, opened_at, id);

CREATE TABLE till_drafts (
  id TEXT PRIMARY KEY,
  register TEXT NOT NULL,
  session TEXT NOT NULL,
  table_id TEXT,
  customer TEXT,
  label TEXT,
  tracking INTEGER NOT NULL,
  version INTEGER NOT NULL,
  total INTEGER NOT NULL,
  employee TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- Client and the name that others are told.
  held_client TEXT,
  held_by TEXT,
  held_until INTEGER,
  doc_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX till_drafts_by_time ON till_drafts (created_at, id);
CREATE INDEX till_drafts_of_session ON till_drafts (session);
CREATE INDEX till_drafts_of_table ON till_drafts (table_id) WHERE table_id IS NOT NULL;
CREATE INDEX till_drafts_held ON till_drafts (held_client) WHERE held_client IS NOT NULL;

-- Drafts that are gone, so that a late save does not bring one back.
CREATE TABLE till_cancelled (
  id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The order itself is the body of its ledger entry.
CREATE TABLE till_orders (
  seq INTEGER PRIMARY KEY REFERENCES ledger (seq),
  id TEXT NOT NULL UNIQUE,
  register TEXT NOT NULL,
  session TEXT NOT NULL,
  number INTEGER NOT NULL,
  reference TEXT NOT NULL UNIQUE,
  table_id TEXT,
  customer TEXT,
  label TEXT,
  tracking INTEGER,
  employee TEXT NOT NULL,
  total INTEGER NOT NULL,
  refund INTEGER NOT NULL CHECK (refund IN (0, 1)),
  paid_at INTEGER NOT NULL,
  prints INTEGER NOT NULL,
  invoice INTEGER NOT NULL CHECK (invoice IN (0, 1)),
  fingerprint TEXT NOT NULL,
  UNIQUE (register, number)
) STRICT;

-- Lists go from the newest back; each index answers one filter with the rows in that order. An order that was sold without the
-- hub is filed late, so that its time and its place in the ledger differ.
CREATE INDEX till_orders_by_time ON till_orders (paid_at, seq);
CREATE INDEX till_orders_of_register ON till_orders (register, paid_at, seq);
CREATE INDEX till_orders_of_session ON till_orders (session, paid_at, seq);
CREATE INDEX till_orders_of_table ON till_orders (table_id, paid_at, seq) WHERE table_id IS NOT NULL;
CREATE INDEX till_orders_of_customer ON till_orders (customer, paid_at, seq) WHERE customer IS NOT NULL;
CREATE INDEX till_orders_by_number ON till_orders (number, paid_at, seq);
CREATE INDEX till_orders_by_tracking ON till_orders (tracking, paid_at, seq) WHERE tracking IS NOT NULL;
CREATE INDEX till_orders_by_label ON till_orders (label COLLATE NOCASE, paid_at, seq) WHERE label IS NOT NULL;
CREATE INDEX till_orders_by_total ON till_orders (total, paid_at, seq);

CREATE TABLE till_refunds (
  order_id TEXT NOT NULL,
  line TEXT NOT NULL,
  quantity_e6 INTEGER NOT NULL,
  PRIMARY KEY (order_id, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE till_cash_moves (
  seq INTEGER PRIMARY KEY REFERENCES ledger (seq),
  id TEXT NOT NULL UNIQUE,
  session TEXT NOT NULL,
  amount INTEGER NOT NULL,
  doc_json TEXT NOT NULL
) STRICT;

CREATE INDEX till_cash_moves_of_session ON till_cash_moves (session, seq);

-- Drawers that were opened without a sale.
CREATE TABLE till_drawer_openings (
  seq INTEGER PRIMARY KEY REFERENCES ledger (seq),
  id TEXT NOT NULL UNIQUE,
  register TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;

-- Blocks of numbers that tills hold for the time without the hub.
CREATE TABLE till_blocks (
  id TEXT PRIMARY KEY,
  register TEXT NOT NULL,
  from_number INTEGER NOT NULL,
  until_number INTEGER NOT NULL,
  client TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX till_blocks_of_register ON till_blocks (register, from_number);

-- Sums of paid orders, kept with each order, so that a report costs the same after a million of them.
CREATE TABLE till_sums (
  -- total, hour, product, category, employee, tax, method, discount, tip, rounding, refund
  dimension TEXT NOT NULL,
  -- YYYY-MM-DD in the shop's time zone.
  day TEXT NOT NULL,
  register TEXT NOT NULL,
  session TEXT NOT NULL,
  key TEXT NOT NULL,
  orders INTEGER NOT NULL,
  quantity_e6 INTEGER NOT NULL,
  net INTEGER NOT NULL,
  tax INTEGER NOT NULL,
  total INTEGER NOT NULL,
  PRIMARY KEY (dimension, day, register, session, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX till_sums_of_session ON till_sums (session, dimension, key);

CREATE TABLE till_stock (
  product TEXT PRIMARY KEY,
  on_hand_e6 INTEGER,
  moved_e6 INTEGER NOT NULL,
  synced_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE till_employees (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('minimal', 'cashier', 'manager')),
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  -- In a form that names its method.
  pin TEXT,
  -- SHA-256 of the badge with the salt of the box.
  badge TEXT UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE till_logins (
  -- SHA-256 of the secret.
  hash TEXT PRIMARY KEY,
  employee TEXT NOT NULL REFERENCES till_employees (id) ON DELETE CASCADE,
  register TEXT NOT NULL,
  client TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX till_logins_of_employee ON till_logins (employee);

-- How far each upstream is in the ledger; entries behind the cursor that it does not have are in the outbox.
CREATE TABLE till_upstreams (
  upstream TEXT PRIMARY KEY,
  -- Entries up to here have been taken up.
  cursor INTEGER NOT NULL,
  sold INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  verified INTEGER NOT NULL,
  last_success_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE till_outbox (
  upstream TEXT NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  ref TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'verified', 'parked')),
  attempts INTEGER NOT NULL,
  reason TEXT,
  remote TEXT,
  next_at INTEGER,
  -- Entry that has to arrive first and is parked or waits itself.
  waits_for INTEGER,
  PRIMARY KEY (upstream, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX till_outbox_by_ref ON till_outbox (ref);
CREATE INDEX till_outbox_by_state ON till_outbox (upstream, state, seq);
CREATE INDEX till_outbox_ready ON till_outbox (upstream, seq) WHERE state = 'queued' AND waits_for IS NULL;
CREATE INDEX till_outbox_waiting ON till_outbox (upstream, waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX till_outbox_unread ON till_outbox (upstream, seq) WHERE state = 'sent' AND next_at IS NOT NULL;
