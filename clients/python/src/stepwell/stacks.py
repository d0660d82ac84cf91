"""Stacks, their components and secrets, in ZenML's words."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Optional

from . import checks
from .calls import call_daemon, list_daemon
from .errors import StepwellError
from .limits import TAG_VALUE_CODE_POINTS_MAX
from .v1 import secrets_pb2, stacks_pb2

_TRACKER = stacks_pb2.COMPONENT_TYPE_EXPERIMENT_TRACKER


class Component(NamedTuple):
    """A part of a stack: an experiment tracker, an artifact store or an orchestrator."""

    id: str
    """32 hexadecimal digits."""
    name: str
    flavor: str
    """For example mlflow or local."""
    configuration: "Mapping[str, str]"
    """The flavor's own settings. No value is ever a credential."""
    labels: "Mapping[str, str]"
    created_ms: int
    """Milliseconds since 1970 UTC."""


class Stack(NamedTuple):
    """A named set of components."""

    id: str
    """32 hexadecimal digits."""
    name: str
    experiment_trackers: "tuple[Component, ...]"
    """The first is the default."""
    artifact_store: Component
    orchestrator: Component
    is_active: bool
    """Whether runs that name no tracker go to its default one."""
    labels: "Mapping[str, str]"
    created_ms: int
    """Milliseconds since 1970 UTC."""

    @property
    def experiment_tracker(self) -> Optional[Component]:
        """The default experiment tracker, or None."""
        return self.experiment_trackers[0] if self.experiment_trackers else None


class Secret(NamedTuple):
    """Everything about a secret but its values."""

    id: str
    """32 hexadecimal digits."""
    name: str
    keys: "tuple[str, ...]"
    """In alphabetical order."""
    backend: str
    """Where its values are: keychain or vault."""


def ask_active_stack(seconds: float) -> Stack:
    request, response = stacks_pb2.GetStackRequest(), stacks_pb2.GetStackResponse
    return _stack_of(call_daemon(os.environ, "StacksService/GetStack", request, response, seconds).stack)


def list_stacks(seconds: float) -> "list[Stack]":
    request, response = stacks_pb2.ListStacksRequest(), stacks_pb2.ListStacksResponse
    pieces = list_daemon(os.environ, "StacksService/ListStacks", request, response, seconds)
    return [_stack_of(each) for piece in pieces for each in piece.stacks]


def list_trackers(seconds: float) -> "list[Component]":
    request, response = stacks_pb2.ListComponentsRequest(type=_TRACKER), stacks_pb2.ListComponentsResponse
    pieces = list_daemon(os.environ, "StacksService/ListComponents", request, response, seconds)
    return [_component_of(each) for piece in pieces for each in piece.components]


def list_secrets(seconds: float) -> "list[Secret]":
    request, response = secrets_pb2.ListSecretsRequest(), secrets_pb2.ListSecretsResponse
    answer = call_daemon(os.environ, "SecretsService/ListSecrets", request, response, seconds)
    return [_secret_of(each) for each in answer.secrets]


def register_tracker(
    name: str,
    configuration: Optional[Mapping[str, str]],
    flavor: str,
    labels: Optional[Mapping[str, str]],
    seconds: float,
) -> Component:
    request = stacks_pb2.RegisterComponentRequest(
        type=_TRACKER,
        name=_checked_name("tracker", name),
        flavor=_checked_name("flavor", flavor),
        configuration=_checked_texts("The tracker's configuration", configuration or {}),
        labels=_checked_texts("The tracker's labels", labels or {}),
    )
    response = stacks_pb2.RegisterComponentResponse
    return _component_of(
        call_daemon(os.environ, "StacksService/RegisterComponent", request, response, seconds).component
    )


def register_stack(name: str, trackers: Sequence[str], set_active: bool, seconds: float) -> Stack:
    # A text is a sequence of its letters.
    if isinstance(trackers, str) or not isinstance(trackers, Sequence):
        sentence = f"A stack's trackers are a list of names, not {type(trackers).__name__}."
        raise StepwellError("STEPWELL_SETTING_INVALID", sentence)
    request = stacks_pb2.RegisterStackRequest(
        name=_checked_name("stack", name),
        experiment_trackers=[_checked_name("tracker", each) for each in trackers],
        set_active=bool(set_active),
    )
    response = stacks_pb2.RegisterStackResponse
    return _stack_of(call_daemon(os.environ, "StacksService/RegisterStack", request, response, seconds).stack)


def create_secret(name: str, values: Mapping[str, str], seconds: float) -> Secret:
    request = secrets_pb2.CreateSecretRequest(
        name=_checked_name("secret", name), values=_checked_texts(f"The secret {name!r}", values)
    )
    response = secrets_pb2.CreateSecretResponse
    return _secret_of(
        call_daemon(os.environ, "SecretsService/CreateSecret", request, response, seconds).secret
    )


def _checked_name(kind: str, name: Any) -> str:
    return checks.checked_text(f"The name of the {kind}", name, TAG_VALUE_CODE_POINTS_MAX)


def _checked_texts(what: str, texts: Any) -> "dict[str, str]":
    """The texts by their keys.

    Raises STEPWELL_SETTING_INVALID or STEPWELL_TEXT_MALFORMED. No value is in the error, nor behind
    it: it may be a credential, also in a setting that is none.
    """
    if not isinstance(texts, Mapping):
        raise StepwellError("STEPWELL_SETTING_INVALID", f"{what} is no dictionary of texts.")
    for key, text in texts.items():
        if not isinstance(key, str) or not checks.is_well_formed(key):
            raise StepwellError("STEPWELL_SETTING_INVALID", f"{what} has a key that is no text: {key!r:.80}.")
        if not isinstance(text, str):
            kind = type(text).__name__
            raise StepwellError("STEPWELL_SETTING_INVALID", f"{what} has no text as {key!r:.80} but {kind}.")
        if not checks.is_well_formed(text):
            sentence = f"{what} has a lone surrogate in the value of {key!r:.80}."
            raise StepwellError("STEPWELL_TEXT_MALFORMED", sentence)
    return dict(texts)


def _stack_of(stack: stacks_pb2.Stack) -> Stack:
    return Stack(
        stack.id,
        stack.name,
        tuple(_component_of(each) for each in stack.experiment_trackers),
        _component_of(stack.artifact_store),
        _component_of(stack.orchestrator),
        stack.active,
        dict(stack.labels),
        stack.created_ms,
    )


def _component_of(component: stacks_pb2.Component) -> Component:
    return Component(
        component.id,
        component.name,
        component.flavor,
        dict(component.configuration),
        dict(component.labels),
        component.created_ms,
    )


def _secret_of(secret: secrets_pb2.Secret) -> Secret:
    backend = secrets_pb2.SecretBackend.Name(secret.backend)[len("SECRET_BACKEND_") :].lower()
    return Secret(secret.id, secret.name, tuple(secret.keys), backend)
