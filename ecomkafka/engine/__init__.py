"""How a service runs: worker, loop, batch, state, changelog; and the records that it sets aside."""
