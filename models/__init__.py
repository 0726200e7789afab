"""Knowledge as data: see README.md beside this file. Read by `pipeline.rules` only."""
