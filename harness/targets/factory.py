"""From a name on the command line to a target that is ready to be started."""

from harness.core.endpoint import Runtime
from harness.targets.compose import ComposeTarget
from harness.targets.definition import EMBEDDED, load_definition
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.native import NativeTarget
from harness.targets.runtime import AUTO, choose_runtime
from harness.targets.target import Target


def make_target(name: str, runtime: str = AUTO) -> Target:
    """The target of a name, not started; ``runtime`` as in :func:`~harness.targets.runtime.choose_runtime`.

    Raises:
        UnknownName: no such target, or no such runtime.
        DataFileError: its data file is broken.
        EngineUnavailable, ImageMissing: nothing here can run it as asked.
    """
    if name == EMBEDDED:
        return EmbeddedTarget()
    definition = load_definition(name)
    choice = choose_runtime(definition, runtime)
    if choice.runtime is Runtime.CONTAINER:
        return ComposeTarget(definition)
    return NativeTarget(definition, reason=choice.reason)
