"""What became of a recommendation: links to the next inspection and to the council's own papers, and its outcome."""

from pipeline.threads.linking import OutcomeOf, Threads, link_threads

__all__ = ["OutcomeOf", "Threads", "link_threads"]
