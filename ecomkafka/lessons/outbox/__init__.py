"""Lesson 10: one fact for a database and for Kafka: outbox, relay and inbox; reading the database's own log; a purchase
by events alone.
"""
