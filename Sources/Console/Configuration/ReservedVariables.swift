/// Environment variables with a meaning of their own: never taken for an option of a command, whatever it is called.
package enum ReservedVariables {
  /// Read by the programs.
  package static let ofPrograms: Set<String> = [
    "EZKL_COORD_CONFIG", "EZKL_KERNELS", "EZKL_TOKEN", "EZKL_WORKER", "EZKL_WORKER_CONFIG",
  ]

  /// Read by tests, scripts, and what runs networks.
  package static let ofTools: Set<String> = [
    "EZKL_BIN", "EZKL_BINARIES", "EZKL_COORDINATOR", "EZKL_IMAGE", "EZKL_LISTEN",
    "EZKL_MUTATIONS", "EZKL_MUTATION_SEED", "EZKL_OPTIONS", "EZKL_PORT", "EZKL_RECORD_VECTORS",
    "EZKL_SCENARIO_PARAMETERS", "EZKL_SCRATCH", "EZKL_THREADS", "EZKL_TOKEN_FILE", "EZKL_WORKERS",
  ]

  /// All of them.
  package static let all = ofPrograms.union(ofTools)
}
