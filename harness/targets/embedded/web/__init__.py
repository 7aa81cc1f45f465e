"""DICOMweb of the embedded PACS (PS3.18): the same store and the same hooks as its DIMSE side, over HTTP.

- ``app``, ``serving``: routes, and the HTTP server in a thread of its own
- ``asked``: a request and its reply as values; ``body``: octets of any length that lie in files
- ``accept``, ``media_types``, ``ranges``: pure decisions on what may be sent
- ``multipart``: parts out of a stream, and parts into one
- ``stow``, ``encapsulate``: STOW-RS of objects, and of metadata with a video stream
- ``search``: QIDO-RS; ``retrieve``, ``uri``: WADO-RS and WADO-URI; ``metadata``: DICOM JSON
- ``hooks``: the seams of all this, each with its well-behaved default
"""
