"""How fast the whole is, beside other tools in the same run: `python -m pipeline.bench FOLDER`."""
