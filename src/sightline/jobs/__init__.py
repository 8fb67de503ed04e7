"""The worker: one process that does what nobody waits for.

Start at `duties.DUTIES`: each duty finds its own work in durable rows, is claimed by conditional update and may be
run again at any time. `worker.run_once` does what is due; `supervisor` keeps the worker process
alive beside the web server. Why no queue library: docs/adr/0004-a-worker-of-our-own.md.
"""
