"""Provide the built-in processors. They return which learners are eligible, with current and required values for each learner."""

from learning_credentials.processors.combined import retrieve_completions_and_grades
from learning_credentials.processors.completions import retrieve_completions
from learning_credentials.processors.course_certificates import retrieve_course_certificates
from learning_credentials.processors.fields import TOTAL
from learning_credentials.processors.grades import retrieve_subsection_grades

__all__ = [
    "TOTAL",
    "retrieve_completions",
    "retrieve_completions_and_grades",
    "retrieve_course_certificates",
    "retrieve_subsection_grades",
]
