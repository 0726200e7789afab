"""What became of a recommendation: links to the next inspection and to the council's own papers, and its outcome; and
what a council says of itself beside what the inspectors found."""

from pipeline.threads.claims import compare_claims
from pipeline.threads.kept import KeptThreads
from pipeline.threads.linking import OutcomeOf, Threads, link_threads

__all__ = ["KeptThreads", "OutcomeOf", "Threads", "compare_claims", "link_threads"]
