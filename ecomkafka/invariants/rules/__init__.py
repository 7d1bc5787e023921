"""The invariants themselves, by what they keep. All of them in one list: `INVARIANTS` in `invariants/__init__.py`."""
