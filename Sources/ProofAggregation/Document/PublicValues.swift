import Algebra

/// The values of a document's statements: links and the commitments of inputs and outputs join positions to classes, and a
/// class is one value.
struct PublicValues {
  /// The class of every position but those of the leading ones.
  private(set) var classOf: [PublicInputPosition: Int] = [:]
  /// For every class its value.
  private(set) var values: [Fr] = []

  /// Reads a document.
  ///
  /// - Throws: `DocumentError` where a link or commitment names no public input, or unequal ones.
  init(_ document: ProofDocument) throws(DocumentError) {
    let statement = DocumentStatement(document)
    var parent: [PublicInputPosition: PublicInputPosition] = [:]
    func root(_ position: PublicInputPosition) -> PublicInputPosition {
      var position = position
      while let next = parent[position] {
        if let after = parent[next] { parent[position] = after }
        position = next
      }
      return position
    }
    var pairs = document.links.map { ("links", $0.from, $0.to) }
    for (kind, tensors) in statement.tensors {
      for commitment in tensors.flatMap(\.commitments) {
        pairs += commitment.positions.map { (kind.rawValue, commitment.positions[0], $0) }
      }
    }
    for (field, from, to) in pairs {
      guard let first = statement.publicInput(from), let second = statement.publicInput(to),
        from.index > 0, to.index > 0
      else { throw .malformed(field: field, reason: "\(from) or \(to) is no public input") }
      guard first == second else {
        throw .malformed(field: field, reason: "\(from) and \(to) differ")
      }
      if root(from) != root(to) { parent[root(to)] = root(from) }
    }
    var numbers: [PublicInputPosition: Int] = [:]
    for position in statement.positions {
      let representative = root(position)
      if numbers[representative] == nil {
        numbers[representative] = values.count
        values.append(statement.publicInput(representative)!)
      }
      classOf[position] = numbers[representative]!
    }
  }
}
