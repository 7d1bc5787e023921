"""The services as an operator runs them: processes, health, doctor."""
