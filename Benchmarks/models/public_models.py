"""The public models: a folder per model with network.onnx, input.json and expected.json."""
import hashlib
import json
import math


class PublicModel:
    """One model, what it is given, and what it should answer."""

    def __init__(self, folder):
        self.name = folder.name
        self.network = folder / "network.onnx"
        self.given = folder / "input.json"
        self._expected = folder / "expected.json"

    @property
    def digest(self):
        parts = (file.read_bytes() for file in (self.network, self.given, self._expected) if file.exists())
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]

    @property
    def unusable(self):
        """Why nobody could prove this model; nil where nothing is known against it."""
        for file in (self.network, self.given, self._expected):
            if not file.exists():
                return f"{file.name} is missing"
            if file.stat().st_size == 0:
                return f"{file.name} is an empty file"
        return None

    def expected(self):
        return json.loads(self._expected.read_text())

    def write_input(self, target):
        """Writes the input for this graph, and says what was left out of it.

        An exporter drops graph inputs that nothing reads, and some files still hold their lists: the first lists count.
        """
        data = json.loads(self.given.read_text())
        wanted = len(self.expected()["inputs"])
        lists = data["input_data"]
        target.write_text(json.dumps({"input_data": lists[:wanted]}))
        if len(lists) == wanted:
            return None
        return f"input.json has {len(lists)} lists, the graph {wanted} inputs: the first {wanted} were used"


def output_error(expected, outputs):
    """The largest |a - b| / max(1, |b|) over all outputs: a proven, b expected. A wrong shape or count is infinite.

    `expected` is expected.json; `outputs` a list of {"name", "shape", "floats"} in the graph's order.
    """
    if len(expected["outputs"]) != len(outputs):
        return math.inf
    error = 0.0
    for wanted, found in zip(expected["outputs"], outputs):
        if wanted["name"] != found["name"] or len(wanted["data"]) != len(found["floats"]):
            return math.inf
        if math.prod(wanted["shape"]) != math.prod(found["shape"]):
            return math.inf
        for b, a in zip(map(float, wanted["data"]), map(float, found["floats"])):
            error = max(error, abs(a - b) / max(1.0, abs(b)))
    return error
