import Model
import ProofAggregation

/// The honest runs that forgeries begin with; each is proven once.
enum ForgedRun {
  static let batch = PlanRequest(workers: 1, limits: ProvenRun.limits)
  static let hidden = Result { try ProvenRun("hidden") }
  static let two = Result { try ProvenRun("two") }
  static let hashed = Result { () throws -> ProvenRun in
    var request = batch
    request.parameterVisibility = .hashed
    return try ProvenRun("hidden", request: request)
  }
  /// One proof per chunk, several chunks.
  static func apart(
    _ input: [[Double]], settings: QuantizationSettings? = nil
  ) throws -> ProvenRun {
    let limits = PlanLimits(constraints: 2048, variables: 2048, nonzeros: 1 << 13)
    return try ProvenRun(
      "deep", input: input,
      request: PlanRequest(workers: 2, limits: limits, aggregation: .none)
    ) { if let settings { $0 = settings } }
  }
}
