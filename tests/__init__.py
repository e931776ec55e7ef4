"""Mirrors the packages; see README.md here."""
