"""Queries that tell what happened over time: the threads of an item, and the story of a council."""

from __future__ import annotations

THREADS = """
WITH RECURSIVE
after AS (
    SELECT thread_id, to_id FROM threads WHERE from_id = $item_id
    UNION SELECT t.thread_id, t.to_id FROM threads t JOIN after a ON t.from_id = a.to_id
),
before AS (
    SELECT thread_id, from_id FROM threads WHERE to_id = $item_id
    UNION SELECT t.thread_id, t.from_id FROM threads t JOIN before b ON t.to_id = b.from_id
)
SELECT t.from_id, t.to_id, s.*
FROM thread_steps s JOIN threads t USING (thread_id)
WHERE thread_id IN (SELECT thread_id FROM after UNION SELECT thread_id FROM before)
ORDER BY s.from_date, s.to_date, s.score DESC, thread_id
"""
"""The links that can be walked from the item forwards, and those that lead to it."""

STORY = """
SELECT coalesce(v.visit_end, d.published, d.meeting_date) AS date, coalesce(v.visit_type, d.doc_type) AS kind, d.title,
       j.grade AS judgement,
       coalesce(f.strengths, 0) AS strengths, coalesce(f.weaknesses, 0) AS weaknesses, coalesce(f.mixed, 0) AS mixed,
       coalesce(r.recommendations, 0) AS recommendations, coalesce(r.repeated, 0) AS repeated,
       coalesce(r.improved, 0) AS improved, coalesce(r.partly_improved, 0) AS partly_improved,
       coalesce(r.not_mentioned, 0) AS not_mentioned,
       d.visit_id, d.document_id, d.source_url
FROM documents d
LEFT JOIN visits v USING (visit_id)
LEFT JOIN judgements j ON j.document_id = d.document_id AND j.area IN ('overall_effectiveness', 'area_send')
LEFT JOIN (
    SELECT document_id, count(*) FILTER (polarity = 'strength') AS strengths,
           count(*) FILTER (polarity = 'weakness') AS weaknesses, count(*) FILTER (polarity = 'mixed') AS mixed
    FROM findings GROUP BY document_id
) f ON f.document_id = d.document_id
LEFT JOIN (
    SELECT document_id, count(*) AS recommendations, count(*) FILTER (outcome = 'repeated') AS repeated,
           count(*) FILTER (outcome = 'improved') AS improved,
           count(*) FILTER (outcome = 'partly_improved') AS partly_improved,
           count(*) FILTER (outcome = 'not_mentioned') AS not_mentioned
    FROM recommendations GROUP BY document_id
) r ON r.document_id = d.document_id
WHERE $council IN (coalesce(v.council, d.council), coalesce(v.council_code, d.council_code))
ORDER BY date, d.document_id
"""
"""The documents of a council (name or code) in the order of time, with judgement, counts and outcomes."""
