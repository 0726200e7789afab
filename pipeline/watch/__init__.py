"""Watching sources: what to ask when, and whom to tell of new findings."""
