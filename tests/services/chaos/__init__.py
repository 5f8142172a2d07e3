"""Faults injected into real processes while they issue credentials, and a count of what is wrong when all has calmed down.

``python -m tests.services.chaos --help`` says how a run is started; ``make chaos`` runs all lines of servers with several seeds.
"""
