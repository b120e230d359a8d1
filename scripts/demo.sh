#!/usr/bin/env bash
# Proves a handwritten digit's classification on two local workers and verifies the proof.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(swift build -c release --show-bin-path)
out=.demo
mkdir -p "$out"

say() { printf '\n== %s\n' "$*"; }

# The whole model would fit one chunk; a limit shows how larger ones are cut.
limits=(--workers 2 --max-constraints 8192)

say "The plan, before any work (chunks of at most 8192 constraints)"
"$bin/ezkl-coord" plan examples/digits_cnn.onnx --input examples/digits_cnn_input.json "${limits[@]}"

say "Proving on two workers (development SRS)"
"$bin/ezkl-coord" submit examples/digits_cnn.onnx --input examples/digits_cnn_input.json \
  --home "$out/home" "${limits[@]}" --out "$out/proof.json"

say "Verifying the proof, and its keys against the model"
"$bin/ezkl-coord" verify "$out/proof.json" --model examples/digits_cnn.onnx --home "$out/home"

say "The prediction"
python3 - "$out/proof.json" examples/digits_cnn_input.json <<'PY' || true
import json, sys
scores = json.load(open(sys.argv[1]))["outputs"][0]["floats"]
label = json.load(open(sys.argv[2])).get("label")
print("predicted class %d, true label %s" % (scores.index(max(scores)), label))
PY
