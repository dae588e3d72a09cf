"""The torture run: real processes, real faults, judged by what the networks received. `make torture`."""
