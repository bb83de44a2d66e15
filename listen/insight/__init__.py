"""Every number and every proposal, computed once for console, reports and the command line."""
