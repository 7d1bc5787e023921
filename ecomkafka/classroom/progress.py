"""The room's list of results: one topic, which every student may write to and the teacher reads."""

PROGRESS = "classroom.progress"
