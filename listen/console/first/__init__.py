"""The first run: from a brand's name to a stream, without leaving the console."""
