"""The numbers by what mentions have in common, by hour, and what happened in the world beside them."""

from __future__ import annotations

STEPS = {
    # What happened in the world, beside the numbers.
    "marks": """
-- What happened in the world, set beside the numbers by people (listen.store.marks). One that was taken away stays here
-- for undo.
CREATE TABLE marks(
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, text TEXT NOT NULL, topic TEXT, by TEXT NOT NULL,
  made_at INTEGER NOT NULL, gone_at INTEGER);
CREATE INDEX marks_at ON marks(at) WHERE gone_at IS NULL;
""",
    # The numbers by what mentions have in common.
    "aspects": """
-- The numbers by language, country, speaker, intent and stage (listen.store.aspects): by hour for some weeks.
CREATE TABLE hourly_aspect(
  hour INTEGER NOT NULL, topic_id INTEGER NOT NULL, aspect TEXT NOT NULL,
  n INTEGER NOT NULL, neg INTEGER NOT NULL, pos INTEGER NOT NULL, scored INTEGER NOT NULL, total INTEGER NOT NULL,
  PRIMARY KEY(hour, topic_id, aspect)) WITHOUT ROWID;

CREATE TABLE daily_aspect(
  day INTEGER NOT NULL, topic_id INTEGER NOT NULL, aspect TEXT NOT NULL,
  n INTEGER NOT NULL, neg INTEGER NOT NULL, pos INTEGER NOT NULL, scored INTEGER NOT NULL, total INTEGER NOT NULL,
  PRIMARY KEY(day, topic_id, aspect)) WITHOUT ROWID;

-- What is stored already is counted by and by, from here down.
INSERT INTO state SELECT 'aspects_from', CAST(max(id) + 1 AS TEXT) FROM mentions HAVING max(id) IS NOT NULL;
""",
    # What is talked about, hour by hour.
    "hourly_terms": """
-- What each hour and, of older days, each day is about, topic by topic (listen.store.terms). stories: how many were
-- told; terms: what they say and in how many of them, packed.
CREATE TABLE term_hours(
  topic_id INTEGER NOT NULL, hour INTEGER NOT NULL, stories INTEGER NOT NULL, terms BLOB NOT NULL,
  PRIMARY KEY(topic_id, hour));
CREATE TABLE term_days(
  topic_id INTEGER NOT NULL, day INTEGER NOT NULL, stories INTEGER NOT NULL, terms BLOB NOT NULL,
  PRIMARY KEY(topic_id, day));

-- Hours of topics that have changed since they were counted. Kept by triggers, whoever changes what counts in them.
CREATE TABLE terms_owed(
  hour INTEGER NOT NULL, topic_id INTEGER NOT NULL, PRIMARY KEY(hour, topic_id)) WITHOUT ROWID;
CREATE TRIGGER terms_matched AFTER INSERT ON matches BEGIN
  INSERT OR IGNORE INTO terms_owed VALUES ((new.mention_id >> 12) / 3600, new.topic_id); END;
CREATE TRIGGER terms_unmatched AFTER DELETE ON matches BEGIN
  INSERT OR IGNORE INTO terms_owed VALUES ((old.mention_id >> 12) / 3600, old.topic_id); END;
CREATE TRIGGER terms_left_out AFTER INSERT ON dismissed BEGIN
  INSERT OR IGNORE INTO terms_owed VALUES ((new.mention_id >> 12) / 3600, new.topic_id); END;
CREATE TRIGGER terms_counted AFTER DELETE ON dismissed BEGIN
  INSERT OR IGNORE INTO terms_owed VALUES ((old.mention_id >> 12) / 3600, old.topic_id); END;
CREATE TRIGGER terms_told AFTER INSERT ON retold WHEN new.topic_id <> 0 BEGIN
  INSERT OR IGNORE INTO terms_owed VALUES ((new.mention_id >> 12) / 3600, new.topic_id); END;
CREATE TRIGGER terms_untold AFTER DELETE ON retold WHEN old.topic_id <> 0 BEGIN
  INSERT OR IGNORE INTO terms_owed VALUES ((old.mention_id >> 12) / 3600, old.topic_id); END;
CREATE TRIGGER terms_reworded AFTER UPDATE OF title, text ON mentions
  WHEN new.title IS NOT old.title OR new.text <> old.text BEGIN
  INSERT OR IGNORE INTO terms_owed SELECT h.hour, h.topic_id FROM hourly_topic AS h CROSS JOIN matches AS x
  ON x.topic_id = h.topic_id AND x.mention_id = new.id WHERE h.hour = (new.id >> 12) / 3600; END;

-- What is stored already is counted by and by, newest first.
INSERT INTO state SELECT 'terms_from', CAST((max(id) >> 12) / 3600 + 1 AS TEXT) FROM mentions
  HAVING max(id) IS NOT NULL;
""",
    # How much was heard, hour by hour.
    "heard": """
-- The share of each hour that all channels together heard (listen.store.heard); heard_from: a channel's first hour.
CREATE TABLE heard(
  hour INTEGER PRIMARY KEY, share REAL NOT NULL);
ALTER TABLE channels ADD COLUMN heard_from INTEGER;
UPDATE channels SET heard_from = c.hour FROM (SELECT channel_id, min(hour) AS hour FROM coverage GROUP BY channel_id)
  AS c WHERE c.channel_id = channels.id;
""",
    # What was left out or corrected, with all that the numbers need to know of it.
    "amended": """
-- The matches in dismissed and corrected, so that nobody has to look each of them up who takes them off the numbers.
-- score: as computed; counts: as corrected, NULL for what is left out; own: one of our accounts said it. Kept by
-- triggers, whoever changes any of that: they delete and insert, since an INSERT OR REPLACE of theirs obeys the OR
-- IGNORE of who fires them. A match goes together with its rows in dismissed and corrected. The last five columns are
-- what has to be added to the numbers as they were computed.
CREATE TABLE amended(
  topic_id INTEGER NOT NULL, mention_id INTEGER NOT NULL, source_id INTEGER NOT NULL, score INTEGER, counts INTEGER,
  own INTEGER NOT NULL, lang TEXT, country TEXT, kind INTEGER NOT NULL, intents TEXT,
  n INTEGER AS (-(counts IS NULL)) STORED,
  neg INTEGER AS (ifnull(counts <= -50, 0) - ifnull(score <= -50, 0)) STORED,
  pos INTEGER AS (ifnull(counts >= 50, 0) - ifnull(score >= 50, 0)) STORED,
  scored INTEGER AS ((counts IS NOT NULL) - (score IS NOT NULL)) STORED,
  total INTEGER AS (ifnull(counts, 0) - ifnull(score, 0)) STORED,
  PRIMARY KEY(topic_id, mention_id)) WITHOUT ROWID;
CREATE VIEW amending AS SELECT x.topic_id, x.mention_id, x.source_id, x.score, iif(d.mention_id IS NULL, k.score, NULL),
  ifnull(e.why, 0) & 1, m.lang, m.country, m.kind, m.intents
  FROM matches AS x CROSS JOIN mentions AS m ON m.id = x.mention_id
  LEFT JOIN dismissed AS d ON d.topic_id = x.topic_id AND d.mention_id = x.mention_id
  LEFT JOIN corrected AS c ON c.topic_id = x.topic_id AND c.mention_id = x.mention_id
  LEFT JOIN corrections AS k ON k.mention_id = c.mention_id LEFT JOIN aside AS e ON e.mention_id = x.mention_id
  WHERE d.mention_id IS NOT NULL OR k.mention_id IS NOT NULL;
INSERT INTO amended SELECT a.* FROM dismissed AS b CROSS JOIN amending AS a
  ON a.topic_id = b.topic_id AND a.mention_id = b.mention_id;
INSERT OR IGNORE INTO amended SELECT a.* FROM corrected AS b CROSS JOIN amending AS a
  ON a.topic_id = b.topic_id AND a.mention_id = b.mention_id;
CREATE TRIGGER amended_left_out AFTER INSERT ON dismissed BEGIN
  DELETE FROM amended WHERE topic_id = new.topic_id AND mention_id = new.mention_id; INSERT
  INTO amended SELECT * FROM amending WHERE topic_id = new.topic_id AND mention_id = new.mention_id; END;
CREATE TRIGGER amended_counted AFTER DELETE ON dismissed BEGIN
  DELETE FROM amended WHERE topic_id = old.topic_id AND mention_id = old.mention_id; INSERT
  INTO amended SELECT * FROM amending WHERE topic_id = old.topic_id AND mention_id = old.mention_id; END;
CREATE TRIGGER amended_corrected AFTER INSERT ON corrected BEGIN
  DELETE FROM amended WHERE topic_id = new.topic_id AND mention_id = new.mention_id; INSERT
  INTO amended SELECT * FROM amending WHERE topic_id = new.topic_id AND mention_id = new.mention_id; END;
CREATE TRIGGER amended_computed AFTER DELETE ON corrected BEGIN
  DELETE FROM amended WHERE topic_id = old.topic_id AND mention_id = old.mention_id; INSERT
  INTO amended SELECT * FROM amending WHERE topic_id = old.topic_id AND mention_id = old.mention_id; END;
CREATE TRIGGER amended_otherwise AFTER UPDATE OF score ON corrections BEGIN
  UPDATE amended SET counts = new.score WHERE counts IS NOT NULL AND mention_id = new.mention_id
  AND topic_id IN (SELECT topic_id FROM hourly_topic WHERE hour = (new.mention_id >> 12) / 3600); END;
CREATE TRIGGER amended_scored AFTER UPDATE OF score ON matches WHEN new.score IS NOT old.score BEGIN
  UPDATE amended SET score = new.score WHERE topic_id = new.topic_id AND mention_id = new.mention_id; END;
CREATE TRIGGER amended_told AFTER UPDATE OF lang, country, kind, intents ON mentions
  WHEN (new.lang IS NOT old.lang OR new.country IS NOT old.country OR new.kind <> old.kind
    OR new.intents IS NOT old.intents)
  AND (EXISTS (SELECT 1 FROM aside WHERE mention_id = new.id) OR EXISTS (SELECT 1 FROM triage WHERE mention_id = new.id)
    OR EXISTS (SELECT 1 FROM corrections WHERE mention_id = new.id)) BEGIN
  UPDATE amended SET lang = new.lang, country = new.country, kind = new.kind, intents = new.intents
  WHERE mention_id = new.id
  AND topic_id IN (SELECT topic_id FROM hourly_topic WHERE hour = (new.id >> 12) / 3600); END;
CREATE TRIGGER amended_ours AFTER INSERT ON aside BEGIN
  UPDATE amended SET own = new.why & 1 WHERE mention_id = new.mention_id
  AND topic_id IN (SELECT topic_id FROM hourly_topic WHERE hour = (new.mention_id >> 12) / 3600); END;
CREATE TRIGGER amended_why AFTER UPDATE OF why ON aside WHEN new.why & 1 <> old.why & 1 BEGIN
  UPDATE amended SET own = new.why & 1 WHERE mention_id = new.mention_id
  AND topic_id IN (SELECT topic_id FROM hourly_topic WHERE hour = (new.mention_id >> 12) / 3600); END;
CREATE TRIGGER amended_not_ours AFTER DELETE ON aside WHEN old.why & 1 BEGIN
  UPDATE amended SET own = 0 WHERE mention_id = old.mention_id
  AND topic_id IN (SELECT topic_id FROM hourly_topic WHERE hour = (old.mention_id >> 12) / 3600); END;

-- A topic's hours one after the other; everybody else reads all topics of an hour.
CREATE INDEX hourly_topic_hours ON hourly_topic(topic_id, hour, n, neg, pos, scored, total);
""",
}
