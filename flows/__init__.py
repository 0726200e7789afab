"""Where and how the pipeline runs: retries, concurrency, schedules. What it does stands in `pipeline`."""
