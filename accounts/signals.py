"""Signals by which accounts ask the applications above them, which they must not import.

`leaving` is sent in the transaction that deletes an account, before it: `user`, and `keep_name`,
which is False when the person wants to be known as a former contributor from now on.

`collecting` gathers what the site knows of a person: each receiver gets `user` and returns a pair
of a key and of what `json` can write.
"""

from django.dispatch import Signal

leaving = Signal()
collecting = Signal()
