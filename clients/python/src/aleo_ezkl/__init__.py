"""Has machine-learning models proven by an Aleo EZKL coordinator.

    from aleo_ezkl import Client, verify

    with Client("https://coordinator:9001") as client:          # the token is in EZKL_TOKEN
        proof = client.prove("model.onnx", "input.json", workers=2)
    assert verify(proof, model="model.onnx")
"""

from . import compat, errors
from .aio import AsyncClient
from .client import Client
from .errors import EzklError
from .local import Calibration, Verdict, calibrate, verify
from .options import InputChoices, Limits, Options
from .records import (
    Attempt,
    AuditEntry,
    Cluster,
    Event,
    Identity,
    Job,
    OtherWorkers,
    Plan,
    Progress,
    Proof,
    Upload,
    Worker,
    WorkerProgress,
    WorkerRecord,
)
from .retry import Retry
from .token import Token
from .transport import VERSION as __version__

__all__ = [
    "AsyncClient",
    "Attempt",
    "AuditEntry",
    "Calibration",
    "Client",
    "Cluster",
    "Event",
    "EzklError",
    "Identity",
    "InputChoices",
    "Job",
    "Limits",
    "Options",
    "OtherWorkers",
    "Plan",
    "Progress",
    "Proof",
    "Retry",
    "Token",
    "Upload",
    "Verdict",
    "Worker",
    "WorkerProgress",
    "WorkerRecord",
    "__version__",
    "calibrate",
    "compat",
    "errors",
    "verify",
]
