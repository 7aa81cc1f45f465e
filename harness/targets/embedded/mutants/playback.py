"""Mutants that give back what still plays, only not as it was sent."""

from pydicom import Dataset

from harness.targets.embedded import damage, reencode, repack
from harness.targets.embedded.mutants.mutant import Mutant, damaging


def _last_twice_as_long(header: Dataset) -> None:
    header.EffectiveDuration = str(round(float(header.EffectiveDuration) * 2, 3))


def _hide_sound(header: Dataset) -> None:
    header.pop("MultiplexedAudioChannelsDescriptionCodeSequence", None)


MUTANTS = (
    # Pictures
    Mutant("duplicates-frame", "shows the frame in the middle twice", damaging(reencode.duplicate_frame)),
    Mutant("brightens-picture", "encodes again with a little more light", damaging(reencode.brighten)),
    Mutant("rescales-picture", "encodes again half as large", damaging(reencode.shrink)),
    # Times
    Mutant("changes-rate", "shows the same pictures at half the speed", damaging(repack.slow_down)),
    Mutant("shifts-timestamps", "shows a part of the pictures a frame later", damaging(repack.stumble)),
    Mutant("rewrites-cine-rate", "replaces the cine rate", damaging(damage.change_header(CineRate="10"))),
    Mutant(
        "rewrites-display-rate",
        "replaces the recommended display frame rate",
        damaging(damage.change_header(RecommendedDisplayFrameRate="100")),
    ),
    Mutant(
        "rewrites-duration", "doubles the effective duration", damaging(damage.changing_header(_last_twice_as_long))
    ),
    # Stream
    Mutant("changes-range-flag", "claims the full range of samples", damaging(repack.claim_full_range)),
    Mutant("wraps-in-transport-stream", "puts the streams into MPEG-TS", damaging(repack.to_transport_stream)),
    Mutant("breaks-seeking", "calls every picture a key picture in the index", damaging(repack.forget_key_pictures)),
    # Sound
    Mutant("drops-sound", "leaves the sound out", damaging(repack.drop_sound)),
    Mutant("swaps-sound", "plays the sound backwards, packet by packet", damaging(repack.reverse_sound)),
    Mutant("delays-sound", "lets the sound come a fifth of a second later", damaging(repack.delay_sound)),
    Mutant("hides-sound", "does not describe the sound any more", damaging(damage.changing_header(_hide_sound))),
)
