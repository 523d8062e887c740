"""What the public pages are made of; `catalog/views.py` puts it together."""
