"""What the harness must show of itself: tables of faults and of legal variations, the truth table of its decision rule,
and what must hold of every report it writes.
"""
