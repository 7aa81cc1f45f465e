"""Asks how associations are negotiated, limited, refused and ended."""

from harness.plugin.questions.asking import Asking


class LiveAssociation(Asking):
    """See :class:`harness.core.families.association.AssociationQuestions`."""
