-- The projection: tables folded from opened records. It may be deleted; deleting it is the rebuild.
-- Tables are ordered by their primary keys (WITHOUT ROWID): one tree less to write for each record.
-- Times are UTC milliseconds, days are civil dates counted from 1970-01-01, tags and acts are raw bytes.

CREATE TABLE IF NOT EXISTS folded (      -- how far each log is folded
  origin  TEXT PRIMARY KEY,
  node    TEXT NOT NULL,
  next    BIGINT NOT NULL,               -- index of the first record not folded
  written BIGINT NOT NULL                -- written of the newest record folded: this node knows that post up to then
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS passage (     -- checks, crossings, refusals and referrals, from their slips
  origin        TEXT NOT NULL,
  idx           BIGINT NOT NULL,
  node          TEXT NOT NULL,
  kind          INTEGER NOT NULL,
  act           BYTEA NOT NULL,
  written       BIGINT NOT NULL,
  happened      BIGINT NOT NULL,
  day           INTEGER NOT NULL,
  direction     INTEGER NOT NULL,
  basis         INTEGER NOT NULL,
  nation        TEXT NOT NULL,
  until         INTEGER NOT NULL,
  visa_days     INTEGER NOT NULL,
  visa_entries  INTEGER NOT NULL,
  visa_from     INTEGER NOT NULL,
  document_tag  BYTEA,
  person_tag    BYTEA,
  by_node       INTEGER NOT NULL,        -- 1: no booth signature stands behind it
  doubtful      INTEGER NOT NULL,        -- 1: its day proves nothing by itself
  decided       INTEGER NOT NULL,        -- of a check: 1 once a decision refers to it
  PRIMARY KEY (origin, idx)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS passage_document ON passage (document_tag);
CREATE INDEX IF NOT EXISTS passage_person ON passage (person_tag);
CREATE INDEX IF NOT EXISTS passage_when ON passage (kind, happened);
CREATE INDEX IF NOT EXISTS passage_act ON passage (act);

CREATE TABLE IF NOT EXISTS person (      -- what the person and police parts say, where this node may read them
  origin       TEXT NOT NULL,
  idx          BIGINT NOT NULL,
  code         TEXT NOT NULL,
  issuer       TEXT NOT NULL,
  number       TEXT NOT NULL,
  nationality  TEXT NOT NULL,
  surname      TEXT NOT NULL,
  given        TEXT NOT NULL,
  birth        TEXT NOT NULL,
  sex          TEXT NOT NULL,
  expiry       TEXT NOT NULL,
  zone         TEXT NOT NULL,            -- lines joined by a newline; empty where entered by hand
  decision     INTEGER NOT NULL,
  ground       TEXT NOT NULL,
  plate        TEXT NOT NULL,
  occupants    INTEGER NOT NULL,
  booth        TEXT NOT NULL,
  hits         INTEGER NOT NULL,
  PRIMARY KEY (origin, idx)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS person_number ON person (number);
CREATE INDEX IF NOT EXISTS person_name ON person (surname, given);

CREATE TABLE IF NOT EXISTS notable (     -- records that a node reads again at start: keys, roster, rulebook, lists, shifts
  origin TEXT NOT NULL,
  idx    BIGINT NOT NULL,
  kind   INTEGER NOT NULL,
  PRIMARY KEY (origin, idx)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS decided (     -- records that a decision refers to, and its act; the least of them if several do
  origin TEXT NOT NULL,
  idx    BIGINT NOT NULL,
  act    BYTEA NOT NULL,
  PRIMARY KEY (origin, idx)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS aside (       -- records this node cannot fold yet, and why; refolded when the reason ends
  origin TEXT NOT NULL,
  idx    BIGINT NOT NULL,
  why    TEXT NOT NULL,                  -- 'key', 'part', 'kind' or 'bad'
  written BIGINT NOT NULL,
  PRIMARY KEY (origin, idx)
) WITHOUT ROWID;
