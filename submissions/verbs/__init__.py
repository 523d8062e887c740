"""What the verbs of `workflow.py` are made of: intake, transitions, effects, rules."""
