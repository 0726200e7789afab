"""Publishing: `folder` writes the whole dataset, the other modules each of its forms. Importing one brings no other."""
