"""Files to blocks: one module a format, one function `read_file` for all."""
