"""The first tables: everything that the collector writes, and everything that people write."""

from __future__ import annotations

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

STEPS = {"first_tables": COLLECTOR_TABLES + PEOPLE_TABLES}
