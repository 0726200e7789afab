"""Sources to files: what there is to read, each file once."""
