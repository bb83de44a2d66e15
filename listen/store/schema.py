"""The tables, by migrations. A migration that has been released is never changed; a new one is added below it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from listen.store import sqlite

# isort: split
# After listen.store.sqlite, which decides for the whole process which SQLite library sqlite-utils takes.
from sqlite_utils import Database, Migrations

from listen.store.layout import APPLICATION_ID, SCHEMA_VERSION
from listen.store.sqlite import StoreError, sqlite3

migrations = Migrations("listen")

COLLECTOR_TABLES = """
CREATE TABLE state(
  name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE networks(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE sources(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, adapter TEXT NOT NULL, active INTEGER NOT NULL DEFAULT 1,
  settings TEXT NOT NULL DEFAULT '{}');

CREATE TABLE channels(
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES sources(id), key TEXT NOT NULL, label TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1, cursor TEXT NOT NULL DEFAULT '{}',
  etag TEXT, last_modified TEXT, validators_url TEXT, validators_at INTEGER, body_hash TEXT,
  next_at INTEGER NOT NULL DEFAULT 0, every INTEGER, checked_at INTEGER, good_at INTEGER, new_at INTEGER,
  errors INTEGER NOT NULL DEFAULT 0, error_reason TEXT, error TEXT, error_remedy TEXT, error_at INTEGER,
  rate_left INTEGER, rate_reset_at INTEGER, mentions INTEGER NOT NULL DEFAULT 0,
  UNIQUE(source_id, key));

CREATE TABLE hosts(
  host TEXT PRIMARY KEY, not_before INTEGER NOT NULL, level INTEGER NOT NULL DEFAULT 0, reason TEXT) WITHOUT ROWID;

CREATE TABLE topics(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, query TEXT NOT NULL, role TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1, since INTEGER NOT NULL);
CREATE UNIQUE INDEX topics_active ON topics(name) WHERE active;

CREATE TABLE authors(
  id INTEGER PRIMARY KEY, network_id INTEGER NOT NULL, handle TEXT NOT NULL, name TEXT, url TEXT, followers INTEGER,
  handle_key TEXT NOT NULL, name_key TEXT);
CREATE UNIQUE INDEX authors_handle ON authors(handle_key, network_id);
CREATE INDEX authors_name ON authors(name_key) WHERE name_key IS NOT NULL;

-- channel_id is the channel that heard it first; sightings holds it again beside the later ones.
CREATE TABLE mentions(
  id INTEGER PRIMARY KEY, key INTEGER NOT NULL, network_id INTEGER NOT NULL, external_id TEXT NOT NULL,
  channel_id INTEGER NOT NULL,
  kind INTEGER NOT NULL, state INTEGER NOT NULL, author_id INTEGER, url TEXT, title TEXT, text TEXT NOT NULL,
  lang TEXT, published_at INTEGER, seen_at INTEGER NOT NULL, edited_at INTEGER,
  score INTEGER, hits INTEGER, unscored TEXT, rating INTEGER,
  likes INTEGER, replies INTEGER, reposts INTEGER, views INTEGER,
  parent_id TEXT, thread_id TEXT, story_id INTEGER, flags INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX mentions_key ON mentions(key);

CREATE TABLE sightings(
  mention_id INTEGER NOT NULL, channel_id INTEGER NOT NULL, PRIMARY KEY(mention_id, channel_id)) WITHOUT ROWID;

CREATE TABLE matches(
  topic_id INTEGER NOT NULL, mention_id INTEGER NOT NULL, source_id INTEGER NOT NULL, score INTEGER, hits INTEGER,
  lang TEXT, state INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(topic_id, mention_id)) WITHOUT ROWID;

CREATE TABLE inbox(
  topic_id INTEGER NOT NULL, mention_id INTEGER NOT NULL, PRIMARY KEY(topic_id, mention_id)) WITHOUT ROWID;

-- The matches of what people dismissed, and of what is aside: the numbers below count them, readers take them off.
CREATE TABLE dismissed(
  topic_id INTEGER NOT NULL, mention_id INTEGER NOT NULL, PRIMARY KEY(topic_id, mention_id)) WITHOUT ROWID;

CREATE TABLE hourly(
  hour INTEGER NOT NULL, topic_id INTEGER NOT NULL, source_id INTEGER NOT NULL,
  n INTEGER NOT NULL, neg INTEGER NOT NULL, pos INTEGER NOT NULL, scored INTEGER NOT NULL, total INTEGER NOT NULL,
  PRIMARY KEY(hour, topic_id, source_id)) WITHOUT ROWID;

CREATE TABLE hourly_topic(
  hour INTEGER NOT NULL, topic_id INTEGER NOT NULL,
  n INTEGER NOT NULL, neg INTEGER NOT NULL, pos INTEGER NOT NULL, scored INTEGER NOT NULL, total INTEGER NOT NULL,
  PRIMARY KEY(hour, topic_id)) WITHOUT ROWID;

CREATE TABLE daily(
  day INTEGER NOT NULL, topic_id INTEGER NOT NULL, source_id INTEGER NOT NULL,
  n INTEGER NOT NULL, neg INTEGER NOT NULL, pos INTEGER NOT NULL, scored INTEGER NOT NULL, total INTEGER NOT NULL,
  PRIMARY KEY(day, topic_id, source_id)) WITHOUT ROWID;

CREATE TABLE daily_topic(
  day INTEGER NOT NULL, topic_id INTEGER NOT NULL,
  n INTEGER NOT NULL, neg INTEGER NOT NULL, pos INTEGER NOT NULL, scored INTEGER NOT NULL, total INTEGER NOT NULL,
  PRIMARY KEY(day, topic_id)) WITHOUT ROWID;

CREATE TABLE coverage(
  hour INTEGER NOT NULL, channel_id INTEGER NOT NULL, seconds INTEGER NOT NULL,
  PRIMARY KEY(hour, channel_id)) WITHOUT ROWID;

-- The newest row is never pruned, so a seq is never given twice.
CREATE TABLE arrivals(
  seq INTEGER PRIMARY KEY, mention_id INTEGER NOT NULL);

CREATE TABLE rejects(
  id INTEGER PRIMARY KEY, channel_id INTEGER, at INTEGER NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL,
  sample TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 1);
CREATE INDEX rejects_at ON rejects(at);
CREATE INDEX rejects_what ON rejects(channel_id, reason, message);

-- Full text lies in search_<no>, one for each row here: from_id <= mention id < to_id.
CREATE TABLE partitions(
  no INTEGER PRIMARY KEY, from_id INTEGER NOT NULL, to_id INTEGER NOT NULL, count INTEGER NOT NULL,
  min_id INTEGER NOT NULL, max_id INTEGER NOT NULL, merged INTEGER NOT NULL DEFAULT 0, tokenizer TEXT NOT NULL);

-- search_<no> that is being filled to take the place of partition `replaces`; it holds the mentions below done_to.
CREATE TABLE rebuilds(
  no INTEGER PRIMARY KEY, replaces INTEGER NOT NULL, from_id INTEGER NOT NULL, to_id INTEGER NOT NULL,
  done_to INTEGER NOT NULL, count INTEGER NOT NULL, tokenizer TEXT NOT NULL);
"""

PEOPLE_TABLES = """
CREATE TABLE triage(
  mention_id INTEGER PRIMARY KEY, status INTEGER NOT NULL DEFAULT 0, starred INTEGER NOT NULL DEFAULT 0, assignee TEXT,
  at INTEGER NOT NULL, by TEXT NOT NULL);
CREATE INDEX triage_status ON triage(status, mention_id) WHERE status > 0;
CREATE INDEX triage_starred ON triage(mention_id) WHERE starred;

-- An action on many mentions is several rows; step is the id of the first of them. What was undone is buried by the
-- next action: it can no longer be redone.
CREATE TABLE journal(
  id INTEGER PRIMARY KEY, step INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, action TEXT NOT NULL,
  count INTEGER NOT NULL, detail TEXT NOT NULL, undone_at INTEGER, buried INTEGER NOT NULL DEFAULT 0);
CREATE INDEX journal_by ON journal(by, id);
CREATE INDEX journal_undone ON journal(by, id) WHERE undone_at IS NOT NULL AND NOT buried;

CREATE TABLE requests(
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
  taken_at INTEGER, done_at INTEGER, answer TEXT, error TEXT);
CREATE INDEX requests_open ON requests(id) WHERE done_at IS NULL;
"""

LABELS = """
-- Whether a mention is about what a query is meant to find, by somebody who was asked (listen.store.labels).
CREATE TABLE labels(
  mention_id INTEGER NOT NULL, by TEXT NOT NULL, topic TEXT NOT NULL, query TEXT NOT NULL, kept INTEGER NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY(mention_id, by, topic, query)) WITHOUT ROWID;
"""

GENERATIONS = """
-- Generations of a topic beside its live one; see listen.store.generations. done_to: matched from this id on.
CREATE TABLE rematches(
  topic_id INTEGER PRIMARY KEY, replaces INTEGER NOT NULL, state TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL,
  done_to INTEGER NOT NULL, gained INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0);
CREATE INDEX rematches_replaces ON rematches(replaces);
"""

LASTING_NAMES = """
-- uid: the network's own lasting name of an account; it stands for the handle, too, as long as that is not known.
ALTER TABLE authors ADD COLUMN uid TEXT;
CREATE UNIQUE INDEX authors_uid ON authors(uid, network_id) WHERE uid IS NOT NULL;
CREATE INDEX authors_unnamed ON authors(network_id, id) WHERE handle = uid;
"""

CONVERSATIONS = """
-- Mentions that count in no number, and why: bits of listen.store.aside.
CREATE TABLE aside(
  mention_id INTEGER PRIMARY KEY, why INTEGER NOT NULL);

-- What answers something, by the key (listen.store.ids) of the first post of its conversation.
CREATE TABLE threads(
  thread INTEGER NOT NULL, mention_id INTEGER NOT NULL, PRIMARY KEY(thread, mention_id)) WITHOUT ROWID;

-- Our own replies, by the keys of what they stand under; direct: the very post that they answer.
CREATE TABLE ours(
  thread INTEGER NOT NULL, mention_id INTEGER NOT NULL, direct INTEGER NOT NULL,
  PRIMARY KEY(thread, mention_id)) WITHOUT ROWID;

-- What stands in a conversation with a reply of ours, and in which.
CREATE TABLE answered(
  mention_id INTEGER NOT NULL, thread INTEGER NOT NULL, PRIMARY KEY(mention_id, thread)) WITHOUT ROWID;

-- Counts over time, a row when they were seen to have changed.
CREATE TABLE growth(
  mention_id INTEGER NOT NULL, at INTEGER NOT NULL, likes INTEGER, replies INTEGER, reposts INTEGER, views INTEGER,
  PRIMARY KEY(mention_id, at)) WITHOUT ROWID;

-- What is stored already has to be looked through for all of that.
INSERT INTO state SELECT 'voices_to', CAST(max(id) + 1 AS TEXT) FROM mentions HAVING max(id) IS NOT NULL;
"""

FARES = """
-- moved: where a channel's address has moved for good (listen.collect.moves). skip: hours of the week in which its
-- publisher wishes not to be asked. habit, fare: dead or quiet, see listen.store.fares.
ALTER TABLE channels ADD COLUMN moved TEXT;
ALTER TABLE channels ADD COLUMN skip TEXT;
ALTER TABLE channels ADD COLUMN habit TEXT;
ALTER TABLE channels ADD COLUMN fare TEXT;
ALTER TABLE channels ADD COLUMN fare_words TEXT;

-- The moments when a channel fell quiet or died, or was well again.
CREATE TABLE fares(
  id INTEGER PRIMARY KEY, channel_id INTEGER NOT NULL, at INTEGER NOT NULL, fare TEXT NOT NULL, words TEXT NOT NULL);
"""

JUDGED = """
-- The patterns of noise that a mention shows, as a list of their names.
CREATE TABLE noise(
  mention_id INTEGER PRIMARY KEY, reasons TEXT NOT NULL);

-- What somebody says of it, which counts over the patterns: 1 noise, 0 no noise, NULL nobody said anything.
ALTER TABLE triage ADD COLUMN noise INTEGER;

-- It is history that came in late, by a back-fill or an import: no alert counts it.
ALTER TABLE arrivals ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
"""

TAGS_AND_NOTES = """
-- key: the name folded, which tells tags apart (listen.store.tags).
CREATE TABLE tags(
  key TEXT NOT NULL, mention_id INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY(key, mention_id)) WITHOUT ROWID;
CREATE INDEX tags_mention ON tags(mention_id);

CREATE TABLE notes(
  mention_id INTEGER PRIMARY KEY, text TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL);

CREATE INDEX triage_assignee ON triage(assignee, mention_id) WHERE assignee IS NOT NULL;
"""

PEOPLE = """
-- Accounts that somebody takes for one person; person: the id of the one that stands for all of them.
CREATE TABLE identities(
  author_id INTEGER PRIMARY KEY, person INTEGER NOT NULL, reason TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX identities_person ON identities(person);

-- Who of our own list of customers is behind a folded handle; network: '' where the list names none.
CREATE TABLE customers(
  handle_key TEXT NOT NULL, network TEXT NOT NULL, customer TEXT NOT NULL, segment TEXT NOT NULL,
  segment_key TEXT NOT NULL, PRIMARY KEY(handle_key, network)) WITHOUT ROWID;
CREATE INDEX customers_segment ON customers(segment_key, handle_key);
"""

TERMS = """
-- When a platform told a mention last that it lets nobody keep for longer than some days (listen.store.perishable).
CREATE TABLE perishable(mention_id INTEGER PRIMARY KEY, told_at INTEGER NOT NULL);
CREATE INDEX perishable_told ON perishable(told_at);

-- What a server calls a mention when it tells of its deletion; key: hash of network and name (listen.store.aliases).
CREATE TABLE aliases(key INTEGER PRIMARY KEY, mention_id INTEGER NOT NULL);
CREATE INDEX aliases_mention ON aliases(mention_id);
"""

CORRECTIONS = """
-- What people say that a mention's sentiment is, in thousandths; topic: the folded name of the one that
-- they looked at.
CREATE TABLE corrections(
  mention_id INTEGER PRIMARY KEY, score INTEGER NOT NULL, topic TEXT, by TEXT NOT NULL, at INTEGER NOT NULL);

-- The matches of what was corrected: the numbers count what was computed, readers put the difference.
CREATE TABLE corrected(
  topic_id INTEGER NOT NULL, mention_id INTEGER NOT NULL, PRIMARY KEY(topic_id, mention_id)) WITHOUT ROWID;
"""


HANDLED = """
-- handled_at: when the status became what it is, kept by triggers whoever sets it.
ALTER TABLE triage ADD COLUMN handled_at INTEGER;
UPDATE triage SET handled_at = at WHERE status > 0;
CREATE TRIGGER triage_begun AFTER INSERT ON triage WHEN new.status > 0
  BEGIN UPDATE triage SET handled_at = new.at WHERE mention_id = new.mention_id; END;
CREATE TRIGGER triage_handled AFTER UPDATE OF status ON triage WHEN new.status <> old.status
  BEGIN UPDATE triage SET handled_at = iif(new.status > 0, new.at, NULL) WHERE mention_id = new.mention_id; END;
"""

STORIES = """
-- Near-identical mentions, told as one: how many there are. What nobody repeats belongs to none.
CREATE TABLE stories(
  id INTEGER PRIMARY KEY AUTOINCREMENT, mentions INTEGER NOT NULL);
CREATE INDEX mentions_story ON mentions(story_id) WHERE story_id IS NOT NULL;
"""


FORGOTTEN = """
-- Keyed hashes of accounts and posts that are not to come back (listen.store.forgotten).
CREATE TABLE forgotten(
  hash BLOB PRIMARY KEY, what INTEGER NOT NULL) WITHOUT ROWID;

-- What was erased, when and by whom, and since when no byte of it is left. It names nobody.
CREATE TABLE receipts(
  id TEXT PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, action TEXT NOT NULL, counts TEXT NOT NULL,
  clean_at INTEGER) WITHOUT ROWID;
"""

SIGNED = """
-- user: the login of this machine that it was done with, whatever name is signed; undone_by: who may redo it.
ALTER TABLE requests ADD COLUMN user TEXT;
ALTER TABLE journal ADD COLUMN user TEXT;
ALTER TABLE journal ADD COLUMN undone_by TEXT;
UPDATE journal SET undone_by = by WHERE undone_at IS NOT NULL;
DROP INDEX journal_undone;
CREATE INDEX journal_undone ON journal(undone_by, id) WHERE undone_at IS NOT NULL AND NOT buried;
"""

ALERTS = """
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
"""

SAMPLES = """
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
"""

RETOLD = """
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
"""

OUTBOX = """
-- What is to be told to whom (listen.store.outbox). The target and the key are what a receiver knows it by.
CREATE TABLE outbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, target TEXT NOT NULL, thread TEXT NOT NULL,
  rule TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, alerts TEXT NOT NULL, body TEXT NOT NULL,
  made_at INTEGER NOT NULL, due_at INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', error TEXT, sent_at INTEGER,
  UNIQUE(key, target));
CREATE INDEX outbox_waiting ON outbox(target, thread, id) WHERE state = 'waiting';
CREATE INDEX outbox_sent ON outbox(target, sent_at) WHERE state = 'sent';
"""

ECHOES = """
-- What mentions of a week can be known again by, once there are more than memory holds (listen.store.echoes).
CREATE TABLE echoes(
  week INTEGER NOT NULL, key INTEGER NOT NULL, mention_id INTEGER NOT NULL,
  PRIMARY KEY(week, key, mention_id)) WITHOUT ROWID;
"""

VIEWS = """
-- What other programs read (listen.store.views): names for numbers, with what people say. The words of kind, state
-- and status are those of listen.model.
CREATE VIEW v_mentions AS SELECT m.id AS id,
  strftime('%Y-%m-%dT%H:%M:%SZ', (m.id >> 12) + 946684800, 'unixepoch') AS time, (m.id >> 12) + 946684800 AS time_unix,
  strftime('%Y-%m-%dT%H:%M:%SZ', m.published_at, 'unixepoch') AS published_at, m.published_at AS published_unix,
  strftime('%Y-%m-%dT%H:%M:%SZ', m.seen_at, 'unixepoch') AS seen_at, m.seen_at AS seen_unix,
  strftime('%Y-%m-%dT%H:%M:%SZ', m.edited_at, 'unixepoch') AS edited_at, m.edited_at AS edited_unix,
  n.name AS network, m.external_id AS external_id,
  CASE m.kind WHEN 0 THEN 'post' WHEN 1 THEN 'comment' WHEN 2 THEN 'reply' WHEN 3 THEN 'repost' WHEN 4 THEN 'quote'
    WHEN 5 THEN 'article' WHEN 6 THEN 'review' WHEN 7 THEN 'issue' WHEN 8 THEN 'video' WHEN 9 THEN 'episode'
    WHEN 10 THEN 'edit' WHEN 11 THEN 'mail' WHEN 12 THEN 'webhook' END AS kind,
  CASE m.state WHEN 0 THEN 'active' WHEN 1 THEN 'edited' WHEN 2 THEN 'deleted' WHEN 3 THEN 'withheld' END AS state,
  (SELECT s.name FROM channels AS c CROSS JOIN sources AS s ON s.id = c.source_id WHERE c.id = m.channel_id) AS source,
  (SELECT json_group_array(DISTINCT s.name) FROM sightings AS g CROSS JOIN channels AS c ON c.id = g.channel_id
    CROSS JOIN sources AS s ON s.id = c.source_id WHERE g.mention_id = m.id) AS sources,
  m.url AS url, a.handle AS author, a.name AS author_name, a.followers AS followers, m.title AS title, m.text AS text,
  m.flags & 1 AS truncated, m.lang AS lang, m.country AS country,
  ifnull(k.score, m.score) / 1000.0 AS sentiment,
  CASE WHEN ifnull(k.score, m.score) IS NULL THEN 'unknown' WHEN ifnull(k.score, m.score) <= -50 THEN 'neg'
    WHEN ifnull(k.score, m.score) >= 50 THEN 'pos' WHEN k.score IS NOT NULL OR m.hits > 0 THEN 'neu' ELSE 'none' END
    AS tone,
  m.score / 1000.0 AS computed_sentiment, k.score IS NOT NULL AS corrected, m.intents AS intents,
  (SELECT json_group_array(t.name) FROM hourly_topic AS h CROSS JOIN topics AS t ON t.id = h.topic_id AND t.active
    CROSS JOIN matches AS x ON x.topic_id = t.id AND x.mention_id = m.id WHERE h.hour = (m.id >> 12) / 3600) AS topics,
  m.rating AS rating, m.likes AS likes, m.replies AS replies, m.reposts AS reposts, m.views AS views,
  m.parent_id AS parent_id, m.thread_id AS thread_id, m.story_id AS story, ifnull(y.mentions, 1) AS copies,
  CASE WHEN ifnull(i.status, 0) = 0 AND (m.state >= 2 OR ifnull(e.why, 0) <> 0) THEN 'skipped'
    ELSE CASE ifnull(i.status, 0) WHEN 0 THEN 'new' WHEN 1 THEN 'done' WHEN 2 THEN 'answered' WHEN 3 THEN 'dismissed'
    WHEN 4 THEN 'skipped' END END AS status,
  ifnull(i.starred, 0) <> 0 AS starred, i.assignee AS assignee,
  (SELECT group_concat(name, ' ') FROM tags WHERE mention_id = m.id) AS tags, o.text AS note,
  ifnull(e.why, 0) & 1 AS own, ifnull(e.why, 0) & 2 <> 0 AS noise, ifnull(i.status, 0) = 3 AS dismissed,
  m.state < 2 AND ifnull(e.why, 0) = 0 AND ifnull(i.status, 0) <> 3 AS counts
FROM mentions AS m JOIN networks AS n ON n.id = m.network_id LEFT JOIN authors AS a ON a.id = m.author_id
LEFT JOIN triage AS i ON i.mention_id = m.id LEFT JOIN aside AS e ON e.mention_id = m.id
LEFT JOIN notes AS o ON o.mention_id = m.id LEFT JOIN corrections AS k ON k.mention_id = m.id
LEFT JOIN stories AS y ON y.id = m.story_id;

CREATE VIEW v_matches AS SELECT x.mention_id AS mention_id,
  strftime('%Y-%m-%dT%H:%M:%SZ', (x.mention_id >> 12) + 946684800, 'unixepoch') AS time,
  (x.mention_id >> 12) + 946684800 AS time_unix, t.name AS topic, t.role AS role, s.name AS source, x.lang AS lang,
  ifnull(k.score, x.score) / 1000.0 AS sentiment,
  CASE WHEN ifnull(k.score, x.score) IS NULL THEN 'unknown' WHEN ifnull(k.score, x.score) <= -50 THEN 'neg'
    WHEN ifnull(k.score, x.score) >= 50 THEN 'pos' WHEN k.score IS NOT NULL OR x.hits > 0 THEN 'neu' ELSE 'none' END
    AS tone,
  x.score / 1000.0 AS computed_sentiment, k.score IS NOT NULL AS corrected,
  ifnull(e.why, 0) & 1 AS own, ifnull(e.why, 0) & 2 <> 0 AS noise, ifnull(i.status, 0) = 3 AS dismissed,
  z.mention_id IS NULL AS counts
FROM matches AS x JOIN topics AS t ON t.id = x.topic_id AND t.active JOIN sources AS s ON s.id = x.source_id
LEFT JOIN triage AS i ON i.mention_id = x.mention_id LEFT JOIN aside AS e ON e.mention_id = x.mention_id
LEFT JOIN corrections AS k ON k.mention_id = x.mention_id
LEFT JOIN dismissed AS z ON z.topic_id = x.topic_id AND z.mention_id = x.mention_id;

CREATE VIEW v_hourly AS SELECT
  strftime('%Y-%m-%dT%H:%M:%SZ', r.hour * 3600 + 946684800, 'unixepoch') AS hour,
  r.hour * 3600 + 946684800 AS hour_unix, t.name AS topic, t.role AS role, r.n AS mentions, r.neg AS negative,
  r.scored - r.neg - r.pos AS neutral, r.pos AS positive, r.n - r.scored AS unscored,
  round(r.total / 1000.0 / r.scored, 6) AS sentiment, r.left_out AS left_out
FROM (SELECT topic_id, hour, sum(n) AS n, sum(neg) AS neg, sum(pos) AS pos, sum(scored) AS scored, sum(total) AS total,
    sum(left_out) AS left_out FROM (
  SELECT topic_id, hour, n, neg, pos, scored, total, 0 AS left_out FROM hourly_topic
  UNION ALL SELECT d.topic_id, (d.mention_id >> 12) / 3600, -1, -ifnull(x.score <= -50, 0), -ifnull(x.score >= 50, 0),
    -(x.score IS NOT NULL), -ifnull(x.score, 0), 1
    FROM dismissed AS d CROSS JOIN matches AS x ON x.topic_id = d.topic_id AND x.mention_id = d.mention_id
  UNION ALL SELECT d.topic_id, (d.mention_id >> 12) / 3600, 0, (k.score <= -50) - ifnull(x.score <= -50, 0),
    (k.score >= 50) - ifnull(x.score >= 50, 0), x.score IS NULL, k.score - ifnull(x.score, 0), 0
    FROM corrected AS d CROSS JOIN corrections AS k ON k.mention_id = d.mention_id
    CROSS JOIN matches AS x ON x.topic_id = d.topic_id AND x.mention_id = d.mention_id
    LEFT JOIN dismissed AS z ON z.topic_id = d.topic_id AND z.mention_id = d.mention_id WHERE z.mention_id IS NULL
  ) GROUP BY topic_id, hour) AS r JOIN topics AS t ON t.id = r.topic_id AND t.active;
"""

ASPECTS = """
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
"""

HOURLY_TERMS = """
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
"""


MARKS = """
-- What happened in the world, set beside the numbers by people (listen.store.marks). One that was taken away stays here
-- for undo.
CREATE TABLE marks(
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, text TEXT NOT NULL, topic TEXT, by TEXT NOT NULL,
  made_at INTEGER NOT NULL, gone_at INTEGER);
CREATE INDEX marks_at ON marks(at) WHERE gone_at IS NULL;
"""

HEARD = """
-- The share of each hour that all channels together heard (listen.store.heard); heard_from: a channel's first hour.
CREATE TABLE heard(
  hour INTEGER PRIMARY KEY, share REAL NOT NULL);
ALTER TABLE channels ADD COLUMN heard_from INTEGER;
UPDATE channels SET heard_from = c.hour FROM (SELECT channel_id, min(hour) AS hour FROM coverage GROUP BY channel_id)
  AS c WHERE c.channel_id = channels.id;
"""


@migrations()  # type: ignore[untyped-decorator]
def first_tables(db: Database) -> None:
    """Everything that the collector writes and everything that people write."""
    _run(db, COLLECTOR_TABLES + PEOPLE_TABLES)


@migrations()  # type: ignore[untyped-decorator]
def labels(db: Database) -> None:
    """What people said of a sample of what a query finds."""
    _run(db, LABELS)


@migrations()  # type: ignore[untyped-decorator]
def generations_of_topics(db: Database) -> None:
    """What makes topics retroactive: a changed query is matched anew beside the old one."""
    _run(db, GENERATIONS)


@migrations()  # type: ignore[untyped-decorator]
def lasting_names(db: Database) -> None:
    """The lasting names of accounts, where handles can change."""
    _run(db, LASTING_NAMES)


@migrations()  # type: ignore[untyped-decorator]
def conversations(db: Database) -> None:
    """Own voices, conversations, and how counts grow."""
    _run(db, CONVERSATIONS)


@migrations()  # type: ignore[untyped-decorator]
def fares_of_channels(db: Database) -> None:
    """What a channel is used to, what has become of it, and where it has moved."""
    _run(db, FARES)


@migrations()  # type: ignore[untyped-decorator]
def judged(db: Database) -> None:
    """What is noise and what people say of that; arrivals that are history."""
    _run(db, JUDGED)


@migrations()  # type: ignore[untyped-decorator]
def tags_and_notes(db: Database) -> None:
    """What people call mentions and say of them."""
    _run(db, TAGS_AND_NOTES)


@migrations()  # type: ignore[untyped-decorator]
def people(db: Database) -> None:
    """Which accounts are one person, and which are customers of ours."""
    _run(db, PEOPLE)


@migrations()  # type: ignore[untyped-decorator]
def terms(db: Database) -> None:
    """What platforms ask of who keeps their posts: to let go in time, and of what was deleted."""
    _run(db, TERMS)


@migrations()  # type: ignore[untyped-decorator]
def corrections(db: Database) -> None:
    """What people say that sentiment is."""
    _run(db, CORRECTIONS)


@migrations()  # type: ignore[untyped-decorator]
def countries(db: Database) -> None:
    """Where a mention was published, as far as that is known."""
    _run(db, "ALTER TABLE mentions ADD COLUMN country TEXT")


@migrations()  # type: ignore[untyped-decorator]
def handled(db: Database) -> None:
    """When people dealt with a mention, for the clock of desks."""
    _run(db, HANDLED)


@migrations()  # type: ignore[untyped-decorator]
def stories(db: Database) -> None:
    """Copies of one text, put together."""
    _run(db, STORIES)


@migrations()  # type: ignore[untyped-decorator]
def forgotten(db: Database) -> None:
    """Who was erased, as hashes, and the receipts."""
    _run(db, FORGOTTEN)


@migrations()  # type: ignore[untyped-decorator]
def signed(db: Database) -> None:
    """With which login of the machine something was done, and who took it back."""
    _run(db, SIGNED)


@migrations()  # type: ignore[untyped-decorator]
def alerts(db: Database) -> None:
    """Alerts, what was done about them, and silences."""
    _run(db, ALERTS)


@migrations()  # type: ignore[untyped-decorator]
def samples(db: Database) -> None:
    """What people said of random samples, blind."""
    _run(db, SAMPLES)


@migrations()  # type: ignore[untyped-decorator]
def retold(db: Database) -> None:
    """What repeats others, topic by topic, so that every count can tell stories from mentions."""
    _run(db, RETOLD)


@migrations()  # type: ignore[untyped-decorator]
def outbox(db: Database) -> None:
    """Letters on their way to people and machines."""
    _run(db, OUTBOX)


@migrations()  # type: ignore[untyped-decorator]
def intents(db: Database) -> None:
    """What the authors of mentions want, as far as that has been read."""
    _run(db, "ALTER TABLE mentions ADD COLUMN intents TEXT")


@migrations()  # type: ignore[untyped-decorator]
def echoes(db: Database) -> None:
    """Copies are known beyond what memory holds of them."""
    _run(db, ECHOES)


@migrations()  # type: ignore[untyped-decorator]
def taken_back(db: Database) -> None:
    """With which login of the machine something was taken back."""
    _run(db, "ALTER TABLE journal ADD COLUMN undone_user TEXT")


@migrations()  # type: ignore[untyped-decorator]
def views(db: Database) -> None:
    """What other programs read, under names that stay."""
    _run(db, VIEWS)


@migrations()  # type: ignore[untyped-decorator]
def marks(db: Database) -> None:
    """What happened in the world, beside the numbers."""
    _run(db, MARKS)


@migrations()  # type: ignore[untyped-decorator]
def aspects(db: Database) -> None:
    """The numbers by what mentions have in common."""
    _run(db, ASPECTS)


@migrations()  # type: ignore[untyped-decorator]
def hourly_terms(db: Database) -> None:
    """What is talked about, hour by hour."""
    _run(db, HOURLY_TERMS)


@migrations()  # type: ignore[untyped-decorator]
def heard(db: Database) -> None:
    """How much was heard, hour by hour."""
    _run(db, HEARD)


def _run(db: Database, script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


def prepare(path: str | Path, *, forced: bool = False) -> None:
    """Make the store, or bring an older one up to date, in one transaction; a store with content is copied before.

    Safe when several processes do it at once. Raises `StoreError` when the file is not ours, is newer than this
    program, or lies on a network file system (unless forced).
    """
    sqlite.check_place(path, forced)
    sqlite.new_file(path)
    with sqlite.explaining(path):
        _refuse_foreign(path)
        connection = sqlite.connect_unprepared(path)
        try:
            _migrate(connection, Path(path))
        finally:
            connection.close()


def _refuse_foreign(path: str | Path) -> None:
    """Raise `StoreError` for a file that is somebody else's or too new, before anything in it is touched."""
    connection = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=rw", uri=True, timeout=sqlite.BUSY_SECONDS)
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (stored,) = connection.execute("PRAGMA user_version").fetchone()
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    finally:
        connection.close()
    if application != APPLICATION_ID and (tables or application):
        raise StoreError(f"{path} is an SQLite file of another program; give another path with --db")
    if stored > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was made by a newer listen (schema {stored}, this one knows {SCHEMA_VERSION}); upgrade"
        )


def _migrate(connection: sqlite.Connection, path: Path) -> None:
    """Apply what is pending; the version is read again inside the transaction, where nobody else can change it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (stored,) = connection.execute("PRAGMA user_version").fetchone()
        if stored < SCHEMA_VERSION:
            if stored:
                copy_before(path, f"{path}.before-schema-{SCHEMA_VERSION}")
            migrations.apply(Database(connection, execute_plugins=False))
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def copy_before(path: Path, target: str) -> None:
    """Copy the store as it was before the migration, by a second connection that sees only what is committed."""
    size = path.stat().st_size
    if shutil.disk_usage(path.parent).free < size + (64 << 20):
        raise StoreError(
            f"the store has to be brought up to date and needs {size >> 20} MiB beside it for a copy first; "
            f"free some space on {path.parent}"
        )
    half = f"{target}.part"
    Path(half).unlink(missing_ok=True)
    sqlite.new_file(half)
    source, copy = sqlite3.connect(path), sqlite3.connect(half)
    try:
        source.backup(copy, pages=-1)
    finally:
        copy.close()
        source.close()
    sqlite.sync(half)
    os.replace(half, target)
    sqlite.sync(path.parent)
