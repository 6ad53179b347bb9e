"""Reads that span apps."""
