"""Alerts and their letters, samples for measuring, and what repeats others."""

from __future__ import annotations

STEPS = {
    # Alerts, what was done about them, and silences.
    "alerts": """
-- One row for each time that a rule held for one of its instances. muted: why nobody is told; over: nothing of it is
-- left to tell.
CREATE TABLE alerts(
  id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, instance TEXT NOT NULL, labels TEXT NOT NULL,
  severity TEXT NOT NULL, state TEXT NOT NULL, began_at INTEGER NOT NULL, held_at INTEGER NOT NULL, fired_at INTEGER,
  resolved_at INTEGER, acked_at INTEGER, acked_by TEXT, note TEXT, verdict TEXT, value REAL NOT NULL,
  evidence TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0, told_at INTEGER, told_value REAL NOT NULL DEFAULT 0,
  over INTEGER NOT NULL DEFAULT 0, muted TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX alerts_open ON alerts(rule, instance) WHERE state <> 'resolved';
CREATE INDEX alerts_untold ON alerts(id) WHERE NOT over;
CREATE INDEX alerts_fired ON alerts(fired_at) WHERE fired_at IS NOT NULL;
CREATE INDEX alerts_resolved ON alerts(resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX alerts_told ON alerts(rule, told_at) WHERE told_at IS NOT NULL;

-- What became of an alert and what people did about it; by: NULL is the collector.
CREATE TABLE alert_events(
  id INTEGER PRIMARY KEY, alert_id INTEGER NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL, by TEXT,
  detail TEXT NOT NULL);
CREATE INDEX alert_events_alert ON alert_events(alert_id, id);

-- Of what nobody is told until then; '' in rule, instance and query: any.
CREATE TABLE silences(
  id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, instance TEXT NOT NULL, query TEXT NOT NULL,
  until INTEGER NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL, comment TEXT NOT NULL, ended_at INTEGER);
""",
    # What people said of random samples, blind.
    "samples": """
-- Random samples that people label blind, to measure how well sentiment is computed (listen.store.samples).
-- stratum: the part of all that a mention was drawn from, of: how many mentions that part had; tone: -1, 0 or 1.
CREATE TABLE samples(
  id INTEGER PRIMARY KEY AUTOINCREMENT, query TEXT NOT NULL, topic TEXT NOT NULL, seed INTEGER NOT NULL,
  size INTEGER NOT NULL, rule TEXT NOT NULL, at INTEGER NOT NULL, UNIQUE(query, topic, seed, size));
CREATE TABLE sampled(
  sample_id INTEGER NOT NULL, place INTEGER NOT NULL, mention_id INTEGER NOT NULL, stratum TEXT NOT NULL,
  of INTEGER NOT NULL, PRIMARY KEY(sample_id, place)) WITHOUT ROWID;
CREATE INDEX sampled_mention ON sampled(mention_id);
CREATE TABLE blind(
  sample_id INTEGER NOT NULL, mention_id INTEGER NOT NULL, by TEXT NOT NULL, tone INTEGER NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY(sample_id, mention_id, by)) WITHOUT ROWID;
CREATE INDEX blind_mention ON blind(mention_id);
""",
    # What repeats others, topic by topic, so that every count can tell stories from mentions.
    "retold": """
-- The matches of mentions that belong to a story, and under topic 0 those mentions themselves: who counts takes off
-- what repeats others (listen.store.retold). Kept by triggers, whoever changes matches or stories.
CREATE TABLE retold(
  topic_id INTEGER NOT NULL, mention_id INTEGER NOT NULL, story_id INTEGER NOT NULL,
  PRIMARY KEY(topic_id, mention_id)) WITHOUT ROWID;
INSERT INTO retold SELECT 0, id, story_id FROM mentions INDEXED BY mentions_story
  WHERE story_id IS NOT NULL ORDER BY id;
INSERT INTO retold SELECT x.topic_id, x.mention_id, m.story_id FROM matches AS x CROSS JOIN mentions AS m
  ON m.id = x.mention_id WHERE m.story_id IS NOT NULL AND EXISTS (SELECT 1 FROM stories);
CREATE INDEX retold_story ON retold(topic_id, story_id);

-- Of each topic, how many mentions repeat others: one less than it has, of each story.
CREATE TABLE repeats(
  topic_id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
INSERT INTO repeats SELECT topic_id, sum(n) FROM
  (SELECT topic_id, count(*) - 1 AS n FROM retold GROUP BY topic_id, story_id) WHERE n GROUP BY topic_id;
CREATE TRIGGER repeats_more AFTER INSERT ON retold WHEN EXISTS (SELECT 1 FROM retold
  WHERE topic_id = new.topic_id AND story_id = new.story_id AND mention_id <> new.mention_id) BEGIN
  INSERT INTO repeats VALUES (new.topic_id, 1) ON CONFLICT DO UPDATE SET n = n + 1; END;
CREATE TRIGGER repeats_fewer AFTER DELETE ON retold WHEN EXISTS (SELECT 1 FROM retold
  WHERE topic_id = old.topic_id AND story_id = old.story_id) BEGIN
  UPDATE repeats SET n = n - 1 WHERE topic_id = old.topic_id; END;
CREATE TRIGGER retold_matched AFTER INSERT ON matches BEGIN
  INSERT OR IGNORE INTO retold SELECT new.topic_id, id, story_id FROM mentions
  WHERE id = new.mention_id AND story_id IS NOT NULL; END;
CREATE TRIGGER retold_unmatched AFTER DELETE ON matches BEGIN
  DELETE FROM retold WHERE topic_id = old.topic_id AND mention_id = old.mention_id; END;
CREATE TRIGGER retold_arrived AFTER INSERT ON mentions WHEN new.story_id IS NOT NULL BEGIN
  INSERT OR IGNORE INTO retold VALUES (0, new.id, new.story_id); END;
CREATE TRIGGER retold_gone AFTER DELETE ON mentions WHEN old.story_id IS NOT NULL BEGIN
  DELETE FROM retold WHERE mention_id = old.id AND topic_id IN (SELECT id FROM topics UNION ALL SELECT 0); END;
CREATE TRIGGER retold_moved AFTER UPDATE OF story_id ON mentions WHEN new.story_id IS NOT old.story_id BEGIN
  DELETE FROM retold WHERE mention_id = new.id AND topic_id IN (SELECT id FROM topics UNION ALL SELECT 0); INSERT
  INTO retold SELECT 0, new.id, new.story_id WHERE new.story_id IS NOT NULL; INSERT
  INTO retold SELECT t.id, new.id, new.story_id FROM topics AS t CROSS JOIN matches AS x
  ON x.topic_id = t.id AND x.mention_id = new.id WHERE new.story_id IS NOT NULL; END;
""",
    # Letters on their way to people and machines.
    "outbox": """
-- What is to be told to whom (listen.store.outbox). The target and the key are what a receiver knows it by.
CREATE TABLE outbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, target TEXT NOT NULL, thread TEXT NOT NULL,
  rule TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, alerts TEXT NOT NULL, body TEXT NOT NULL,
  made_at INTEGER NOT NULL, due_at INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', error TEXT, sent_at INTEGER,
  UNIQUE(key, target));
CREATE INDEX outbox_waiting ON outbox(target, thread, id) WHERE state = 'waiting';
CREATE INDEX outbox_sent ON outbox(target, sent_at) WHERE state = 'sent';
""",
    # What the authors of mentions want, as far as that has been read.
    "intents": "ALTER TABLE mentions ADD COLUMN intents TEXT",
    # Copies are known beyond what memory holds of them.
    "echoes": """
-- What mentions of a week can be known again by, once there are more than memory holds (listen.store.echoes).
CREATE TABLE echoes(
  week INTEGER NOT NULL, key INTEGER NOT NULL, mention_id INTEGER NOT NULL,
  PRIMARY KEY(week, key, mention_id)) WITHOUT ROWID;
""",
    # With which login of the machine something was taken back.
    "taken_back": "ALTER TABLE journal ADD COLUMN undone_user TEXT",
}
