"""The contributors' pages: suggest, edit, move, remove, report, follow."""
