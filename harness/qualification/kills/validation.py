"""What keeps the rules of the standard."""

from harness.qualification.kills.kill import Kill

KILLS: tuple[Kill, ...] = (
    *(
        ("VAL-OBJECT", mutant, format_id)
        for mutant, format_id in (
            ("calls-colours-rgb", "h264_hp41"),
            ("says-planar", "mpeg2_ml"),
            ("says-fewer-bits", "hevc_main51"),
            ("adds-pixel-aspect", "h264_hp41"),
            ("adds-extended-table", "h264_hp41_frag"),
            ("misstates-total-length", "h264_hp41"),
            ("writes-pixel-data-as-words", "h264_hp41"),
            ("writes-pixel-data-as-words", "mjpeg"),
            ("drops-delimiter", "h264_hp41"),
            ("adds-odd-fragment", "h264_hp41_frag"),
            ("names-another-method", "h264_hp41"),
            ("denies-lossy", "mjpeg"),
            ("changes-modality", "h264_hp41"),
            ("drops-frame-time", "h264_hp41"),
            ("adds-window", "h264_hp41"),
            ("adds-overlay", "h264_hp41"),
            ("drops-empty-attributes", "h264_hp41"),
            ("adds-offset-table", "h264_hp41"),
            ("rewrites-number-of-frames", "h264_hp41"),
        )
    ),
    *(
        ("VAL-DCIODVFY", mutant, "h264_hp41")
        for mutant in ("changes-modality", "says-planar", "drops-frame-time", "drops-empty-attributes")
    ),
    ("VAL-DCIODVFY", "says-fewer-bits", "h264_hp41_frag"),
)
