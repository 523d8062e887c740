"""The project: settings, addresses and entry points; no rules about lists live here."""
