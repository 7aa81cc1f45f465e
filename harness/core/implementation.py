"""The name under which the harness writes files and opens associations (PS3.10 7.1, PS3.7 D.3.3.2)."""

from typing import Final

from harness import __version__

#: Never changes.
IMPLEMENTATION_CLASS_UID: Final = "2.25.108749800160552713151750833081386608336"
#: At most 16 characters, as its value representation SH allows.
IMPLEMENTATION_VERSION_NAME: Final = f"PYTESTPACS {__version__}"[:16]
