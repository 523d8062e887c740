"""What the verbs of `workflow.py` are made of: creating, transitions, effects, retries."""
