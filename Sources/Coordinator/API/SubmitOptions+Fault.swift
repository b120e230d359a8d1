extension SubmitOptions {
  /// The longest time that a job may be given, in seconds: ten years.
  static let longestDeadline: Double = 10 * 365 * 86400

  /// The first option that no job can have, with its range; nil where all can be used.
  package var fault: String? {
    if let workers, !Self.workerCounts.contains(workers) {
      return "the number of workers must be from \(Self.workerCounts.lowerBound) to "
        + "\(Self.workerCounts.upperBound), not \(workers)"
    }
    for bits in [activationBits, weightBits] {
      if let bits, !Self.bits.contains(bits) {
        return "activation and weight bits must be from \(Self.bits.lowerBound) to "
          + "\(Self.bits.upperBound), not \(bits)"
      }
    }
    if memory == 0 { return "the memory of a worker must be at least one byte, not 0" }
    if let tolerance, !(tolerance > 0 && tolerance.isFinite) {
      return "the tolerance must be above 0, not \(tolerance)"
    }
    if let deadline, !(deadline > 0 && deadline <= Self.longestDeadline) {
      return "the deadline must be above 0 seconds and at most ten years, not \(deadline) s"
    }
    for (name, limit) in [
      ("constraints", limits.constraints), ("variables", limits.variables),
      ("nonzero entries", limits.nonzeros),
    ] {
      if let limit, limit < 1 {
        return "a chunk's \(name) must be limited to 1 or more, not \(limit)"
      }
    }
    return nil
  }
}
