"""Tests: cohorts."""
