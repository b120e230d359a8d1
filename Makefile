# make demo    proves a real model on two workers and verifies the proof
# make test    builds and runs every test
# make interop lets snarkVM judge the prover's proofs
# make help    lists the rest

SWIFT_FLAGS ?= -c release

.PHONY: http-check dashboard-check clients-check help setup build demo test scenarios soak lab lab-test cluster-check cluster-test interop interop-vm models conformance lint example docs fuzz bench clean

help:
	@echo 'make demo    prove the digits CNN on two workers, verify the proof'
	@echo 'make test    build and run all tests (FILTER=name runs some)'
	@echo 'make scenarios run every fault scenario of cluster/ with real processes (NAMES=some)'
	@echo 'make soak MINUTES=10 random jobs under random faults, then an account of all of it (SEED=number repeats one)'
	@echo 'make lab     how proving grows with machines made of namespaces: WORKERS=1,2,4,8 RTT=20ms RATE=100mbit QUOTA=12% MODEL=FILE REPORT=DIR'
	@echo 'make lab-test whether those machines are what they are said to be'
	@echo 'make cluster-check batch scripts, units, charts and playbooks of cluster/ against the tools that are installed'
	@echo 'make cluster-test runs them: Slurm, systemd, Ansible, Compose and the lab, as far as they are installed (root)'
	@echo 'make interop let snarkVM judge the proofs, and the verifier those of snarkVM (FILTER=name runs some)'
	@echo 'make interop-vm deploy and call exported programs in the virtual machine of snarkVM, where its judge is present'
	@echo 'make models  prove all public models of MODELS=DIR (default ../shared/models), write docs/models.md'
	@echo 'make http-check asks a coordinator over HTTP for all of its OpenAPI document, rightly and wrongly'
	@echo 'make dashboard-check a headless Chromium uses the dashboard of a real coordinator (skipped where there is no Chromium)'
	@echo 'make clients-check tests the Python and JavaScript clients against faults and a real coordinator'
	@echo "make conformance compare with onnx's node tests and, on random graphs, with onnxruntime; write docs/conformance.md"
	@echo 'make build   release build of ezkl-coord and ezkl-worker into .build/release'
	@echo 'make lint    strict format lint; constants against their derivation, imports against dependencies'
	@echo 'make example a program of its own that uses the library: builds it and proves a model'
	@echo 'make docs    documentation of the libraries with DocC, in .build/docs'
	@echo 'make fuzz    decoders and verifier under libFuzzer for SECONDS=60'
	@echo 'make bench   times for field, FFT, MSM, index, prove per round, verify (table, and bench.json)'
	@echo 'make clean   remove what was built'

setup:
	@scripts/setup.sh

build: setup
	swift build $(SWIFT_FLAGS)

demo: build
	@scripts/demo.sh

test:
	@scripts/setup.sh --python
	swift build $(SWIFT_FLAGS) --build-tests
	@FILTER='$(FILTER)' scripts/test.sh $(SWIFT_FLAGS)
	@[ -n '$(FILTER)' ] || cluster/run.py --smoke --binaries "$$(swift build $(SWIFT_FLAGS) --show-bin-path)"

scenarios: build
	@cluster/run.py --binaries "$$(swift build $(SWIFT_FLAGS) --show-bin-path)" $(SCENARIO_FLAGS) $(NAMES)

soak: build
	@cluster/soak.py --binaries "$$(swift build $(SWIFT_FLAGS) --show-bin-path)" $(if $(MINUTES),--minutes '$(MINUTES)') $(if $(SEED),--seed '$(SEED)')

# BINARIES=DIR takes binaries that are there instead of building them.
lab: $(if $(BINARIES),,build)
	@cluster/lab/lab.py --binaries "$(or $(BINARIES),$$(swift build $(SWIFT_FLAGS) --show-bin-path))" $(if $(WORKERS),--workers '$(WORKERS)') \
	  $(if $(RTT),--rtt '$(RTT)') $(if $(RATE),--rate '$(RATE)') $(if $(QUOTA),--quota '$(QUOTA)') $(if $(MODEL),--model '$(MODEL)') \
	  $(if $(INPUT),--input '$(INPUT)') $(if $(RUNS),--runs '$(RUNS)') $(if $(JSON),--json '$(JSON)') $(if $(REPORT),--report '$(REPORT)') $(LAB_FLAGS) $(if $(SUBMIT),-- $(SUBMIT))

lab-test: $(if $(BINARIES),,build)
	@cluster/lab/test.py --binaries "$(or $(BINARIES),$$(swift build $(SWIFT_FLAGS) --show-bin-path))"

cluster-check:
	@cluster/check.py $(if $(BINARIES),--binaries '$(BINARIES)')

cluster-test: $(if $(BINARIES),,build)
	@binaries="$(or $(BINARIES),$$(swift build $(SWIFT_FLAGS) --show-bin-path))"; code=0; \
	for test in "cluster/lab/test.py --binaries" cluster/systemd/test.sh cluster/ansible/test.sh cluster/compose/test.sh \
	  cluster/kubernetes/test.py cluster/slurm/test.sh; do $$test "$$binaries" || code=1; done; exit $$code

interop:
	@scripts/setup.sh --python
	swift build $(SWIFT_FLAGS)
	@scripts/interop.sh '$(FILTER)'

interop-vm: $(if $(BINARIES),,build)
	@EZKL_BINARIES='$(or $(BINARIES),.build/release)' scripts/interop-vm.sh '$(FILTER)'

models: build
	@Benchmarks/models/suite.py --binaries "$$(swift build $(SWIFT_FLAGS) --show-bin-path)" $(if $(MODELS),--models '$(MODELS)') $(SUITE_FLAGS)

http-check: build
	@scripts/setup.sh --python
	@scripts/http-check.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)"

# BINARIES=DIR takes binaries that are there instead of building them; CHECK_FLAGS=--files the dashboard's files of the working tree.
dashboard-check: $(if $(BINARIES),,build)
	@scripts/setup.sh --python
	@scripts/dashboard-check.sh "$(or $(BINARIES),$$(swift build $(SWIFT_FLAGS) --show-bin-path))" $(CHECK_FLAGS)
# BINARIES=DIR takes binaries that are there instead of building them.
clients-check: $(if $(BINARIES),,build)
	@scripts/clients-check.sh "$(or $(BINARIES),$$(swift build $(SWIFT_FLAGS) --show-bin-path))"

conformance: setup
	@scripts/setup.sh --python
	swift build $(SWIFT_FLAGS) --product conformance-evaluator
	@.venv/bin/python Tests/Conformance/conformance.py --seeds 0 $(or $(GRAPHS),4000) --write docs/conformance.md --log .build/conformance.jsonl \
	  --evaluator "$$(swift build $(SWIFT_FLAGS) --show-bin-path)/conformance-evaluator" $(CONFORMANCE_FLAGS)

lint:
	@scripts/constants.py
	@scripts/imports.py
	clang -fsyntax-only -Wall -Wextra -Werror -I Sources/CLimbs/include Sources/CLimbs/*.c
	clang -fsyntax-only -Wall -Wextra -Werror -I Sources/CDashboard/include Sources/CDashboard/*.c
	swift format lint --strict --recursive --parallel Package.swift Sources Tests cluster examples $(wildcard Benchmarks)

example: setup
	swift build $(SWIFT_FLAGS) --package-path examples/library
	@"$$(swift build $(SWIFT_FLAGS) --package-path examples/library --show-bin-path)/prove" \
	  examples/digits_mlp.onnx examples/digits_mlp_input.json

docs: build
	@scripts/docs.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)"

fuzz: setup
	@Tests/Fuzz/run.sh -max_total_time=$(or $(SECONDS),60)

bench: setup
	swift run $(SWIFT_FLAGS) --package-path Benchmarks ezkl-bench --json bench.json

clean:
	rm -rf .build Benchmarks/.build .venv .cache .demo bench.json
