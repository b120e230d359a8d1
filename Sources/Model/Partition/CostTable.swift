/// Seconds by the sizes of domains, for searches that ask for them again and again.
struct CostTable {
  /// Seconds of one core.
  struct Seconds {
    /// For the proof of one more instance.
    var instance = 0.0
    /// For a circuit however many instances it has, a share of its key's seconds included.
    var circuit = 0.0
  }

  private static let levels = 25
  private let table: [Seconds]

  /// - Parameters:
  ///   - keyShare: what a second of key generation counts, which is done once for many proofs.
  ///   - reluctance: what a second for an instance counts.
  init(_ costs: CostModel, keyShare: Double, reluctance: Double) {
    var table: [Seconds] = []
    for rows in 0..<Self.levels {
      for columns in 0..<Self.levels {
        for entries in 0..<Self.levels {
          let domains = CostModel.Domains(
            constraints: 1 << rows, variables: 1 << columns,
            nonzeros: [1 << entries, 1 << min(rows, entries), 1 << entries])
          table.append(
            Seconds(
              instance: reluctance * costs.instanceSeconds(domains),
              circuit: costs.matrixSeconds(domains) + keyShare * costs.indexSeconds(domains)))
        }
      }
    }
    self.table = table
  }

  /// The seconds for circuits of a size.
  subscript(size: CircuitSize) -> Seconds {
    func level(_ count: Double) -> Int {
      let whole = Int(min(count, 1e7))
      return whole <= 2 ? 1 : Int.bitWidth - (whole - 1).leadingZeroBitCount
    }
    return table[
      (level(size.constraints) * Self.levels + level(size.variables)) * Self.levels
        + level(size.nonzeros)]
  }
}
