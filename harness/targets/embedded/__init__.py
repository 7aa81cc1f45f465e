"""The embedded PACS: a small, well-behaved PACS of our own that runs in a process of its own.

It exists to prove the harness. As itself it keeps what it accepts, byte for byte; as a mutant it misbehaves
in one named way, and a check that no mutant makes fail is not trusted.

- ``__main__``: command line and life of the process
- ``server``, ``commitment``, ``identifiers``: the DIMSE services
- ``web``: the DICOMweb services, in the same process
- ``store``, ``index``, ``keeping``: objects on disk and what queries see of them
- ``sending``: C-STORE sub-operations that stream from disk
- ``hooks``: the seams where the behaviour can differ, each with its well-behaved default
- ``mutants``, ``damage``, ``reencode``: the table of misbehaviours, and how stored objects are damaged
- ``variations``: the table of legal behaviours that differ
- ``restricted``: limits on what is offered and taken
- ``target``: :class:`~harness.targets.embedded.target.EmbeddedTarget`, which starts and stops it
"""
