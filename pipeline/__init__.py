"""Golden Thread: what inspectors, councils and scrutiny committees write about children's services, as a dataset."""
