#!/bin/sh
# Fuzzes the decoders and the verifier with libFuzzer:  Tests/Fuzz/run.sh [libFuzzer options]
# Findings are left in .build/fuzz. See README.md.
set -e
cd "$(dirname "$0")/../.."
scratch=.build/fuzz
swift build -c release --scratch-path $scratch --target Varuna \
  -Xswiftc -sanitize=fuzzer -Xswiftc -parse-as-library
release=$scratch/release
swiftc -O -swift-version 6 -sanitize=fuzzer -parse-as-library -module-name FuzzVerifier \
  Tests/Fuzz/FuzzVerifier.swift -I $release/Modules -I Sources/CLimbs/include \
  -Xcc -fmodule-map-file=Sources/CLimbs/include/module.modulemap \
  -Xcc -fmodule-map-file=Sources/CBlake2/module.modulemap \
  -Xcc -fmodule-map-file=Sources/CSodium/module.modulemap \
  $release/Varuna.build/*.o $release/Algebra.build/*.o $release/CLimbs.build/*.o \
  -lsodium -lb2 -o $scratch/FuzzVerifier
mkdir -p $scratch/corpus
python3 Tests/Fuzz/corpus.py Tests/Vectors $scratch/corpus
exec $scratch/FuzzVerifier -max_len=20000 -timeout=20 -artifact_prefix=$scratch/ "$@" \
  $scratch/corpus
