"""Accounts, roles and API tokens; the lowest layer, which imports no other application."""
