"""How the documents of the sample are laid out."""
