extension DocumentVerifier {
  /// Whether another document is about the same weights under the same circuits: equal commitments in equal places.
  ///
  /// Says yes only for documents that both name weights; whether the other one's proofs hold is its own verification's business.
  func sameWeightsCheck(_ other: Pins.NamedDocument) -> DocumentCheck {
    var failures: [String] = []
    let (mine, others) = (document.parameters ?? [], other.document.parameters ?? [])
    if mine.isEmpty || others.isEmpty { failures.append("no weights are committed to") }
    if mine.map(\.name) != others.map(\.name) { failures.append("other tensors of weights") }
    if document.groups.map(\.verifyingKeys) != other.document.groups.map(\.verifyingKeys) {
      failures.append("other circuits")
    }
    for (a, b) in zip(mine, others)
    where (a.commitments, a.scale, a.shape) != (b.commitments, b.scale, b.shape) {
      failures.append("'\(a.name)' has other commitments")
    }
    return DocumentCheck(
      "same weights as \(other.name)", failures,
      otherwise: "\(mine.count) tensors, equal commitments")
  }
}
