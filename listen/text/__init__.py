"""Everything that touches raw foreign text: the gate to storage, the gate to the screen, tokens and links.

Nothing else in the product cleans, folds, cuts or measures text that somebody else wrote.
"""

from listen.text.display import block, cell_width, one_line, placed_block
from listen.text.links import canonical_url, safe_url
from listen.text.markup import from_html
from listen.text.storage import AUTHOR_LIMIT, TEXT_LIMIT, TITLE_LIMIT, URL_LIMIT, clean
from listen.text.tag_line import before_tags
from listen.text.words import HANDLE, TOKENIZER, Placed, fold, placed_tokens, query_tokens, tokens

__all__ = [
    "AUTHOR_LIMIT",
    "HANDLE",
    "TEXT_LIMIT",
    "TITLE_LIMIT",
    "TOKENIZER",
    "URL_LIMIT",
    "Placed",
    "before_tags",
    "block",
    "canonical_url",
    "cell_width",
    "clean",
    "fold",
    "from_html",
    "one_line",
    "placed_block",
    "placed_tokens",
    "query_tokens",
    "safe_url",
    "tokens",
]
