"""A document as the extractors see it: its record, its visit, its blocks and its sentences."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from pipeline.ids import ItemIds
from pipeline.records import Document, Visit
from pipeline.split import Part, Sentence


@dataclass(frozen=True)
class Paper:
    """One document on its way through the map steps."""

    document: Document
    visit: Visit | None
    part: Part
    sentences: tuple[Sentence, ...]

    @property
    def date(self) -> datetime.date | None:
        """The date that its items carry: end of the visit, else publication, else meeting date."""
        visited = self.visit.visit_end if self.visit else None
        return visited or self.document.published or self.document.meeting_date

    def item_ids(self) -> ItemIds:
        """A fresh source of ids for the items of this document."""
        return ItemIds(self.document.document_id)
