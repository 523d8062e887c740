"""Work beside the requests: the queue in the database, its worker, and what is done at set times.

`django.tasks` with django-tasks-db queues; this application adds what that leaves out: trying
again, taking over from workers that died, and set times.
"""
