"""How a service runs: worker, loop, batch, state, changelog; and what it puts aside."""
