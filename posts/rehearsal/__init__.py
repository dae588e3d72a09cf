"""A strict local stand-in for the networks, beside the app: for rehearsing, and the judge of the tests."""
