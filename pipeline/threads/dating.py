"""When a paper was before its readers, where it bears no day itself."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from pipeline.records import Document


def date_files(documents: Sequence[Document]) -> dict[str, dt.date]:
    """For each document the latest date of its file's documents: a pack is no older than its meeting."""
    dates: dict[str, list[dt.date]] = defaultdict(list)
    for document in documents:
        dates[document.file_sha256] += [d for d in (document.meeting_date, document.published) if d]
    return {d.document_id: max(dates[d.file_sha256]) for d in documents if dates[d.file_sha256]}
