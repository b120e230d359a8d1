import Aleo

/// Cutting for a chain, where every proof costs money.
extension CutSearch {
  /// How many proofs a cut needs under the request's target; 0 where every number costs the same.
  func proofs(of cut: CutGraph) -> Int {
    guard request.target != nil, request.aggregation == .batch else { return 0 }
    return BatchGrouping.groups(instances: cut.circuits.map(\.chunks.count)).count
  }
}
