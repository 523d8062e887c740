"""Lists that live in a Git repository as well: fetch, merge, push.

Start with `syncing.sync()`. `git.py` runs the `git` program, `incoming.py` takes commits in,
`outgoing.py` writes what was changed here as commits, `credentials.py` keeps secrets. For pull
requests `hosts.py` asks the host, `pull_requests.py` makes submissions, `answers.py` says so there.
"""
