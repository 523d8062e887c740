"""Parts of the verbs in `workflow.py`: creating, transitions, effects, conflicts with the file."""
