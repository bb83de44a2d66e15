"""The panes, all of them line by line: no widget tree for what changes often."""
