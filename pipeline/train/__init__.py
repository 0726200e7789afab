"""Training of the small models; nothing here runs in the pipeline."""
