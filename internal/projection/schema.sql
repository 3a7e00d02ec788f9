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
  decided       INTEGER NOT NULL,        -- of a check or referral: 1 once a decision refers to it
  standing      INTEGER NOT NULL,        -- 0 counts, 1 voided, 2 corrected, 3 a proposal that nobody has assented to
  about         BIGINT NOT NULL,         -- of a decision: index of the check or referral in the same log; -1 for none
  shift         BIGINT NOT NULL,         -- index of the shift in the same log; -1 for none
  PRIMARY KEY (origin, idx)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS passage_document ON passage (document_tag);
CREATE INDEX IF NOT EXISTS passage_person ON passage (person_tag);
CREATE INDEX IF NOT EXISTS passage_when ON passage (kind, happened);
CREATE INDEX IF NOT EXISTS passage_act ON passage (act);
CREATE INDEX IF NOT EXISTS passage_node ON passage (node, written);

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
  party        BYTEA,                    -- 16 bytes; those of one vehicle or group have the same
  vehicle      INTEGER NOT NULL,
  driver       INTEGER NOT NULL,
  paper        TEXT NOT NULL,
  PRIMARY KEY (origin, idx)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS person_number ON person (number);
CREATE INDEX IF NOT EXISTS person_name ON person (surname, given);
CREATE INDEX IF NOT EXISTS person_party ON person (party) WHERE party IS NOT NULL;

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

CREATE TABLE IF NOT EXISTS deed (        -- what officers and nodes did besides decisions, with its body in plain CBOR
  origin       TEXT NOT NULL,
  idx          BIGINT NOT NULL,
  node         TEXT NOT NULL,
  kind         INTEGER NOT NULL,
  written      BIGINT NOT NULL,
  shift        BIGINT NOT NULL,          -- index of the shift in the same log; -1 for none
  about_origin TEXT NOT NULL,            -- first record that it is about; empty for none
  about_idx    BIGINT NOT NULL,
  by_node      INTEGER NOT NULL,
  body         BYTEA NOT NULL,           -- empty where this node may not read it
  sheet        TEXT NOT NULL,            -- of a late record: the number of its sheet; empty for all others
  PRIMARY KEY (origin, idx)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deed_when ON deed (kind, written);
CREATE INDEX IF NOT EXISTS deed_node ON deed (node, kind, written);
CREATE INDEX IF NOT EXISTS deed_about ON deed (about_origin, about_idx);
CREATE INDEX IF NOT EXISTS deed_sheet ON deed (sheet) WHERE sheet <> '';

CREATE TABLE IF NOT EXISTS hit (         -- records of whose traveller or vehicle an alert matched, where this node may read them
  origin  TEXT NOT NULL,
  idx     BIGINT NOT NULL,
  node    TEXT NOT NULL,
  kind    INTEGER NOT NULL,
  written BIGINT NOT NULL,
  about   BIGINT NOT NULL,               -- of a decision: index of the check or referral in the same log; -1 for none
  hits    BYTEA NOT NULL,                -- record.PoliceHit in plain CBOR
  PRIMARY KEY (origin, idx)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS hit_when ON hit (written);
CREATE INDEX IF NOT EXISTS hit_about ON hit (origin, about);

CREATE TABLE IF NOT EXISTS standing (    -- records that were voided (1) or corrected (2); the higher if both
  origin TEXT NOT NULL,
  idx    BIGINT NOT NULL,
  state  INTEGER NOT NULL,
  PRIMARY KEY (origin, idx)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS assented (    -- proposals that a second officer has assented to
  origin TEXT NOT NULL,
  idx    BIGINT NOT NULL,
  PRIMARY KEY (origin, idx)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS grey (        -- "other person": this version of an alert is not about the holder of this document
  origin       TEXT NOT NULL,
  idx          BIGINT NOT NULL,
  alert        BYTEA NOT NULL,
  document_tag BYTEA NOT NULL,
  until        INTEGER NOT NULL,
  PRIMARY KEY (origin, idx)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS grey_document ON grey (document_tag);
