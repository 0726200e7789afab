"""What a document's text says, as rows: one module or package a table."""
