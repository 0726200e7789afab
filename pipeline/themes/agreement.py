"""How well groups agree with codes, and one grouping with another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping


def measure_bcubed(groups: Mapping[str, Hashable], codes: Mapping[str, Hashable]) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1 of the groups against the codes (Bagga and Baldwin 1998).

    Every item counts the same; an item alone in its group is right about itself only.
    """
    both = Counter((groups[i], codes[i]) for i in codes)
    of_group, of_code = Counter(groups[i] for i in codes), Counter(codes.values())
    precision = sum(both[groups[i], codes[i]] / of_group[groups[i]] for i in codes) / len(codes)
    recall = sum(both[groups[i], codes[i]] / of_code[codes[i]] for i in codes) / len(codes)
    return precision, recall, 2 * precision * recall / (precision + recall)
