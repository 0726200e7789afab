"""Names of what stands in OUT beside the dataset itself."""

from __future__ import annotations

STATE = ".state"
"""What the next run must know of this one. It changes with the dataset, so that the two always belong together."""
EDITIONS = "editions"
"""Old editions of the dataset."""
KEEP = 12
"""How many old editions are kept where nothing else is asked for."""
