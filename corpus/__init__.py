"""The sample: see README.md."""
