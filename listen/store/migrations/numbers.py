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
}
