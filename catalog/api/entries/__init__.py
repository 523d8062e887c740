"""Entries for programs: lists of them by any filters, one of them, and its history."""
