"""Themes: the codebook's codes, clusters of what was said, their names and their lasting identifiers."""
