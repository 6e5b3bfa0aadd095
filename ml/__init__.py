"""The models: one module a question, each with its simple baseline beside it."""

QUESTIONS = ("purchase", "demand", "value", "churn")
