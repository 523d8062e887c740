"""Lists that live in a Git repository as well: fetch, merge, push.

Start with `syncing.sync()`. `git.py` runs the `git` program, `commits.py` takes commits in and
writes what was changed here as commits, `connections.py` keeps secrets and state. For pull requests
`hosts.py` asks the host, `pull_requests.py` makes submissions, `answers.py` says so there.
"""
