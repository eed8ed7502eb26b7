"""What an OpenLineage client may be configured for and this version cannot do yet: one table, one sentence."""

from __future__ import annotations

from lineage_kit.config.problems import fold
from lineage_kit.errors import ConfigError

NOT_YET: dict[str, dict[str, str]] = {
    "transport": {
        "amazon_datazone_api": "send events to Amazon DataZone (transport type 'amazon_datazone_api')",
        "datadog": "send events to Datadog (transport type 'datadog')",
        "dataplex": "send events to Google Cloud lineage (transport type 'dataplex')",
        "gcplineage": "send events to Google Cloud lineage (transport type 'gcplineage')",
        "gcs": "write events to Google Cloud Storage (transport type 'gcs')",
        "kinesis": "send events to Amazon Kinesis (transport type 'kinesis')",
        "msk-iam": "sign in to Amazon MSK with IAM (transport type 'msk-iam')",
        "nats": "send events to NATS (transport type 'nats')",
        "s3": "write events to Amazon S3 (transport type 's3')",
        "transform": "transform events on their way (transport type 'transform')",
    },
    "auth": {
        "jwt": "fetch tokens itself (auth type 'jwt')",
        "oauth2": "fetch tokens itself (auth type 'oauth2')",
    },
    "key": {
        "asyncTransportRules": "choose between waiting and not waiting per job",
        "circuitBreaker": "have circuit breakers",
        "debugMode": "write events of the file transport in a debugging form",
        "filesystem": "write files through fsspec",
        "fsKwargs": "write files through fsspec",
        "metrics": "publish metrics",
        "namespaceResolvers": "resolve namespaces by pattern; `namespaces` maps them one by one",
        "storageOptions": "write files through fsspec",
    },
}
"""kind → name → what cannot be done yet. Keys are listed in one spelling and found in all."""

_HINTS = {
    "transport": "There are http, kafka, file, console, composite, local, memory, null "
    "and classes of your own by dotted path.",
    "auth": "Use api_key, or a class with `get_bearer()` by its dotted path.",
    "key": "Remove the key.",
}

_CAPABILITIES = {
    "capture": "notice reads and writes by itself; name inputs and outputs. Remove the key.",
}


def not_yet_capability(name: str) -> str:
    """The sentence for a section of ours that a later version fills: ``capture``."""
    return f"this version does not yet {_CAPABILITIES[name]}"


def not_yet(kind: str, name: str, place: str = "") -> ConfigError | None:
    """The error for a transport type, auth type or key that is known but not supported; None for all other names.

    `kind` is ``transport``, ``auth`` or ``key``; `place` (file, line, path) is put in front.
    """
    text = not_yet_text(kind, name)
    if text is None:
        return None
    return ConfigError(f"{place}: {text}" if place else text)


def not_yet_text(kind: str, name: str) -> str | None:
    """The sentence of `not_yet` without its place."""
    folded = {fold(key): (key, what) for key, what in NOT_YET[kind].items()}
    if fold(name) not in folded:
        return None
    what = folded[fold(name)][1]
    subject = f"the key {name!r} is known, but " if kind == "key" else ""
    return f"{subject}this version does not yet {what}. {_HINTS[kind]}"
