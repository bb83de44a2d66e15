"""What is handed on: pages made of the numbers of `listen.insight` and of what the store holds."""

ENDINGS = {".html": "html", ".htm": "html", ".md": "markdown", ".markdown": "markdown", ".txt": "markdown"}
"""The ending of a report's file -> its format."""
