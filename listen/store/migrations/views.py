"""What other programs read, under names that stay."""

from __future__ import annotations

STEPS = {
    # What other programs read, under names that stay.
    "views": """
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
""",
}
