"""What the student does in every lesson: predict before a cell runs, and answer the questions at its end."""

from ecomkafka.course.prediction import Prediction
from ecomkafka.course.recall_quiz import quiz

__all__ = ["Prediction", "quiz"]
