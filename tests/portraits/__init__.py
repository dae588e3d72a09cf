"""Tests: portraits."""
