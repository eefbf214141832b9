"""The local installation: the embedded engines and the orchestrator, on loopback.

Python's standard library only. Started by ../../dev (commands demo and serve),
and by the end-to-end tests.
"""
