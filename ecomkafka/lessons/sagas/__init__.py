"""The sagas of the lessons, made ready for the model checker."""
