"""The lossless markdown codec: a list's text in, blocks and entries out, and the text back.

>>> document = parse("- [Django](https://www.djangoproject.com) - A web framework.\\n")
>>> document.entries[0].name
'Django'
>>> render(document)
'- [Django](https://www.djangoproject.com) - A web framework.\\n'
"""

from catalog.markdown.nodes import (
    Block,
    BlockKind,
    Cell,
    Document,
    Entry,
    Link,
    LinkForm,
    Listing,
    ListingKind,
    Section,
    Slot,
    render,
)
from catalog.markdown.parser import parse, split_lines

__all__ = [
    "Block",
    "BlockKind",
    "Cell",
    "Document",
    "Entry",
    "Link",
    "LinkForm",
    "Listing",
    "ListingKind",
    "Section",
    "Slot",
    "parse",
    "render",
    "split_lines",
]
