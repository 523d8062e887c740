"""The parts of the public pages; `catalog/views.py` composes them."""
