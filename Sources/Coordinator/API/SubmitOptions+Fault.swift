extension SubmitOptions {
  /// The longest time that a job may be given, in seconds: ten years.
  static let longestDeadline: Double = 10 * 365 * 86400

  /// Bytes that the options of a job may have as JSON: they are kept with it, and in every list of jobs.
  package static let mostBytes = 64 << 10
  /// Bytes that the name of an input may have.
  package static let longestName = 1024

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
    if let webhook {
      do throws(CoordinatorError) {
        _ = try WebhookTarget(webhook)
      } catch {
        return error.description
      }
    }
    if let only, only.isEmpty || only.count > Self.workerCounts.upperBound {
      return
        "a job may be for 1 to \(Self.workerCounts.upperBound) named workers, not \(only.count)"
    }
    for (name, limit) in [
      ("constraints", limits.constraints), ("variables", limits.variables),
      ("nonzero entries", limits.nonzeros),
    ] {
      if let limit, limit < 1 {
        return "a chunk's \(name) must be limited to 1 or more, not \(limit)"
      }
    }
    if let inputs {
      for name in Set(inputs.shapes.keys).union(inputs.fixed.keys)
      where name.utf8.count > Self.longestName {
        return "the name of an input has \(name.utf8.count) bytes; it may have \(Self.longestName)"
      }
    }
    let bytes = storedBytes
    if bytes > Self.mostBytes {
      return
        "the options have \(bytes) bytes as JSON; a job's may have \(Self.mostBytes): fix inputs of fewer numbers"
    }
    return nil
  }

  /// The bytes that the options have as JSON: so they are stored with the job.
  var storedBytes: Int { Store.encode(self).utf8.count }
}
