"""Writing a whole document: the differences to what is stored, and nothing else.

The write half of an import. Runs inside the caller's transaction, after the plan; see
`importing.applying.apply()`. `document` is the way through it; what it does to each table stands in
a module of its own.
"""

from catalog.writing.counts import write_counts
from catalog.writing.document import write_document
from catalog.writing.written import Written

__all__ = ["Written", "write_counts", "write_document"]
