#!/usr/bin/env bash
# Builds the documentation of the library modules with DocC into .build/docs; any warning is an error.
# Usage: scripts/docs.sh [FOLDER OF THE BUILT MODULES]
set -euo pipefail
cd "$(dirname "$0")/.."

products=${1:-$(swift build -c release --show-bin-path)}
out=.build/docs
rm -rf "$out"
for module in Algebra Varuna Circuit Model ProofAggregation AleoEZKL Profiling; do
  graph=$out/$module.symbols
  mkdir -p "$graph"
  swift-symbolgraph-extract -module-name "$module" -I "$products/Modules" -I Sources/CLimbs/include \
    -Xcc -fmodule-map-file=Sources/CLimbs/include/module.modulemap \
    -Xcc -fmodule-map-file=Sources/CBlake2/module.modulemap \
    -Xcc -fmodule-map-file=Sources/CSodium/module.modulemap \
    -Xcc -fmodule-map-file=Sources/CZlib/module.modulemap \
    -target "$(uname -m)-unknown-linux-gnu" -minimum-access-level public -skip-inherited-docs -output-dir "$graph"
  catalog=
  [ -d "Sources/$module/$module.docc" ] && catalog=Sources/$module/$module.docc
  docc convert $catalog --additional-symbol-graph-dir "$graph" --output-path "$out/$module.doccarchive" \
    --fallback-display-name "$module" --fallback-bundle-identifier "aleo-ezkl.$module" --warnings-as-errors
done
echo "documentation of the libraries: $out"
