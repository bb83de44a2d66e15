"""`collect`: the collector alone."""
