import Varuna

extension PlanLimits {
  /// These limits, and domains small enough for a worker with so many bytes; nil where none is.
  ///
  /// A worker must be able to hold a chunk with its matrices, and to make the key of its circuit.
  package func within(memory bytes: Int) -> PlanLimits? {
    let sizes = (8...28).map { 1 << $0 }
    guard let size = sizes.last(where: { Self.bytes(ofChunkWithin: $0) <= bytes }) else {
      return nil
    }
    return PlanLimits(
      constraints: min(constraints, size), variables: min(variables, size),
      nonzeros: min(nonzeros, size))
  }

  /// The bytes that a worker needs for a chunk with domains of this size.
  package static func bytes(ofChunkWithin size: Int) -> Int {
    let domains = CostModel.Domains(
      constraints: size, variables: size, nonzeros: [size, size, size])
    return max(
      GroupMemory(domains, batch: domains).alone.total, ProverMemory(domains).indexTask.total)
  }
}
