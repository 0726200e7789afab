"""The pages on this machine's own server, with what needs one: search by meaning, SQL, the picture of a page."""
