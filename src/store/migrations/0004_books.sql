-- What the till sells: small things whole, products and customers with their codes, and what they are found by.

-- One counter for everything: it rises by one with each step that changes something.
CREATE TABLE till_catalogue (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  revision INTEGER NOT NULL
) STRICT;

INSERT INTO till_catalogue VALUES (1, 0);

CREATE TABLE till_things (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  doc_json TEXT NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- Until the same id is put again.
CREATE TABLE till_removed (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- `ord` is never given twice: the search knows things by it.
CREATE TABLE till_products (
  ord INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  revision INTEGER NOT NULL,
  doc_json TEXT NOT NULL
) STRICT;

CREATE INDEX till_products_by_revision ON till_products (revision, id);

-- Barcodes and, with a quantity, those of packs.
CREATE TABLE till_product_codes (
  code TEXT PRIMARY KEY,
  product INTEGER NOT NULL REFERENCES till_products (ord) ON DELETE CASCADE,
  quantity TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX till_codes_of_product ON till_product_codes (product);

CREATE TABLE till_customers (
  ord INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  revision INTEGER NOT NULL,
  doc_json TEXT NOT NULL
) STRICT;

CREATE INDEX till_customers_by_revision ON till_customers (revision, id);

CREATE TABLE till_customer_codes (
  code TEXT PRIMARY KEY,
  customer INTEGER NOT NULL REFERENCES till_customers (ord) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX till_codes_of_customer ON till_customer_codes (customer);

-- What is searched, made ready when a thing is put: without accents and capitals. Each thread that searches holds it in memory
-- and follows it by revision. A rank of null is not found any more: removed or inactive.
CREATE TABLE till_search (
  kind TEXT NOT NULL,
  ord INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  rank TEXT,
  names TEXT NOT NULL,
  codes TEXT NOT NULL,
  category TEXT,
  PRIMARY KEY (kind, ord)
) STRICT, WITHOUT ROWID;

CREATE INDEX till_search_by_revision ON till_search (kind, revision);
