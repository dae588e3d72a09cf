"""Tests mirror the code they guard."""
