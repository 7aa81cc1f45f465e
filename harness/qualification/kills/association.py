"""How associations are negotiated, limited, refused and ended."""

from harness.qualification.kills.kill import Kill

KILLS: tuple[Kill, ...] = (
    ("ASC-XRAY", "accepts-everything", None),
    ("ASC-XRAY", "accepts-another-syntax", None),
    ("ASC-XRAY", "answers-only-first-context", None),
    ("ASC-XRAY", "prefers-refused-when-mixed", None),
    ("ASC-CALLED", "hangs-on-wrong-title", None),
    ("ASC-CALLED", "wedges-after-wrong-title", None),
    ("ASC-CALLING", "closes-on-unknown-calling", None),
    ("ASC-ROLE", "answers-unproposed-role", None),
    ("ASC-ROLE", "refuses-role-but-sends", None),
    ("ASC-ROLE", "retrieves-nothing-on-get", None),
    ("ASC-PDU", "ignores-max-pdu", None, "16K"),
    ("ASC-PDU", "ignores-max-pdu", None, "128K"),
    ("ASC-PDU", "chokes-on-full-pdu", None, "64K"),
    ("ASC-PDU", "chokes-on-full-pdu", None, "unlimited"),
    ("ASC-PARALLEL", "serves-one-at-a-time-and-aborts-others", None),
    ("ASC-PARALLEL", "mixes-parallel-objects", None),
    ("ASC-ABORT", "wedges-after-abort", None),
    ("ASC-ABORT", "keeps-aborted-object", None),
    ("ASC-ABORT", "prefers-aborted-object", None),
)

#: What needs a PACS with TLS (a certificate authority).
TLS_KILLS: tuple[Kill, ...] = (
    ("ASC-TLS", "tls-without-client-certificate", None),
    ("ASC-TLS", "tls-of-old-versions", None),
    ("ASC-TLS", "answers-without-tls", None),
)
