"""A document's kind, council, visit, dates and committee."""

from pipeline.identify.document import Identity, identify

__all__ = ["Identity", "identify"]
