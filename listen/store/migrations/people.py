"""What people say and who they are; conversations, stories, and what was erased."""

from __future__ import annotations

STEPS = {
    # What people said of a sample of what a query finds.
    "labels": """
-- Whether a mention is about what a query is meant to find, by somebody who was asked (listen.store.labels).
CREATE TABLE labels(
  mention_id INTEGER NOT NULL, by TEXT NOT NULL, topic TEXT NOT NULL, query TEXT NOT NULL, kept INTEGER NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY(mention_id, by, topic, query)) WITHOUT ROWID;
""",
    # What makes topics retroactive: a changed query is matched anew beside the old one.
    "generations_of_topics": """
-- Generations of a topic beside its live one; see listen.store.generations. done_to: matched from this id on.
CREATE TABLE rematches(
  topic_id INTEGER PRIMARY KEY, replaces INTEGER NOT NULL, state TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL,
  done_to INTEGER NOT NULL, gained INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0);
CREATE INDEX rematches_replaces ON rematches(replaces);
""",
    # The lasting names of accounts, where handles can change.
    "lasting_names": """
-- uid: the network's own lasting name of an account; it stands for the handle, too, as long as that is not known.
ALTER TABLE authors ADD COLUMN uid TEXT;
CREATE UNIQUE INDEX authors_uid ON authors(uid, network_id) WHERE uid IS NOT NULL;
CREATE INDEX authors_unnamed ON authors(network_id, id) WHERE handle = uid;
""",
    # Own voices, conversations, and how counts grow.
    "conversations": """
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
""",
    # What a channel is used to, what has become of it, and where it has moved.
    "fares_of_channels": """
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
""",
    # What is noise and what people say of that; arrivals that are history.
    "judged": """
-- The patterns of noise that a mention shows, as a list of their names.
CREATE TABLE noise(
  mention_id INTEGER PRIMARY KEY, reasons TEXT NOT NULL);

-- What somebody says of it, which counts over the patterns: 1 noise, 0 no noise, NULL nobody said anything.
ALTER TABLE triage ADD COLUMN noise INTEGER;

-- It is history that came in late, by a back-fill or an import: no alert counts it.
ALTER TABLE arrivals ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
""",
    # What people call mentions and say of them.
    "tags_and_notes": """
-- key: the name folded, which tells tags apart (listen.store.tags).
CREATE TABLE tags(
  key TEXT NOT NULL, mention_id INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY(key, mention_id)) WITHOUT ROWID;
CREATE INDEX tags_mention ON tags(mention_id);

CREATE TABLE notes(
  mention_id INTEGER PRIMARY KEY, text TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL);

CREATE INDEX triage_assignee ON triage(assignee, mention_id) WHERE assignee IS NOT NULL;
""",
    # Which accounts are one person, and which are customers of ours.
    "people": """
-- Accounts that somebody takes for one person; person: the id of the one that stands for all of them.
CREATE TABLE identities(
  author_id INTEGER PRIMARY KEY, person INTEGER NOT NULL, reason TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX identities_person ON identities(person);

-- Who of our own list of customers is behind a folded handle; network: '' where the list names none.
CREATE TABLE customers(
  handle_key TEXT NOT NULL, network TEXT NOT NULL, customer TEXT NOT NULL, segment TEXT NOT NULL,
  segment_key TEXT NOT NULL, PRIMARY KEY(handle_key, network)) WITHOUT ROWID;
CREATE INDEX customers_segment ON customers(segment_key, handle_key);
""",
    # What platforms ask of who keeps their posts: to let go in time, and of what was deleted.
    "terms": """
-- When a platform told a mention last that it lets nobody keep for longer than some days (listen.store.perishable).
CREATE TABLE perishable(mention_id INTEGER PRIMARY KEY, told_at INTEGER NOT NULL);
CREATE INDEX perishable_told ON perishable(told_at);

-- What a server calls a mention when it tells of its deletion; key: hash of network and name (listen.store.aliases).
CREATE TABLE aliases(key INTEGER PRIMARY KEY, mention_id INTEGER NOT NULL);
CREATE INDEX aliases_mention ON aliases(mention_id);
""",
    # What people say that sentiment is.
    "corrections": """
-- What people say that a mention's sentiment is, in thousandths; topic: the folded name of the one that
-- they looked at.
CREATE TABLE corrections(
  mention_id INTEGER PRIMARY KEY, score INTEGER NOT NULL, topic TEXT, by TEXT NOT NULL, at INTEGER NOT NULL);

-- The matches of what was corrected: the numbers count what was computed, readers put the difference.
CREATE TABLE corrected(
  topic_id INTEGER NOT NULL, mention_id INTEGER NOT NULL, PRIMARY KEY(topic_id, mention_id)) WITHOUT ROWID;
""",
    # Where a mention was published, as far as that is known.
    "countries": "ALTER TABLE mentions ADD COLUMN country TEXT",
    # When people dealt with a mention, for the clock of desks.
    "handled": """
-- handled_at: when the status became what it is, kept by triggers whoever sets it.
ALTER TABLE triage ADD COLUMN handled_at INTEGER;
UPDATE triage SET handled_at = at WHERE status > 0;
CREATE TRIGGER triage_begun AFTER INSERT ON triage WHEN new.status > 0
  BEGIN UPDATE triage SET handled_at = new.at WHERE mention_id = new.mention_id; END;
CREATE TRIGGER triage_handled AFTER UPDATE OF status ON triage WHEN new.status <> old.status
  BEGIN UPDATE triage SET handled_at = iif(new.status > 0, new.at, NULL) WHERE mention_id = new.mention_id; END;
""",
    # Copies of one text, put together.
    "stories": """
-- Near-identical mentions, told as one: how many there are. What nobody repeats belongs to none.
CREATE TABLE stories(
  id INTEGER PRIMARY KEY AUTOINCREMENT, mentions INTEGER NOT NULL);
CREATE INDEX mentions_story ON mentions(story_id) WHERE story_id IS NOT NULL;
""",
    # Who was erased, as hashes, and the receipts.
    "forgotten": """
-- Keyed hashes of accounts and posts that are not to come back (listen.store.forgotten).
CREATE TABLE forgotten(
  hash BLOB PRIMARY KEY, what INTEGER NOT NULL) WITHOUT ROWID;

-- What was erased, when and by whom, and since when no byte of it is left. It names nobody.
CREATE TABLE receipts(
  id TEXT PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, action TEXT NOT NULL, counts TEXT NOT NULL,
  clean_at INTEGER) WITHOUT ROWID;
""",
    # With which login of the machine something was done, and who took it back.
    "signed": """
-- user: the login of this machine that it was done with, whatever name is signed; undone_by: who may redo it.
ALTER TABLE requests ADD COLUMN user TEXT;
ALTER TABLE journal ADD COLUMN user TEXT;
ALTER TABLE journal ADD COLUMN undone_by TEXT;
UPDATE journal SET undone_by = by WHERE undone_at IS NOT NULL;
DROP INDEX journal_undone;
CREATE INDEX journal_undone ON journal(undone_by, id) WHERE undone_at IS NOT NULL AND NOT buried;
""",
}
