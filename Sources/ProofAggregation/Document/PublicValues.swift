import Algebra

/// The public inputs of a document as elements, and which of them a document demands to be equal.
///
/// Links and the commitments of inputs and outputs join positions to classes; a class is one value of the statement.
struct PublicValues {
  /// `[group][circuit][instance][element]`, the leading 1 included.
  let elements: [[[[Fr]]]]
  /// The class of every position but those of the leading ones.
  private(set) var classOf: [PublicInputPosition: Int] = [:]
  /// For every class its value.
  private(set) var values: [Fr] = []

  /// Reads a document.
  ///
  /// - Throws: `DocumentError` where a public input is no field element, or a link or commitment names none.
  init(_ document: ProofDocument) throws(DocumentError) {
    var elements: [[[[Fr]]]] = []
    for (number, group) in document.groups.enumerated() {
      var circuits: [[[Fr]]] = []
      for circuit in group.publicInputs {
        var instances: [[Fr]] = []
        for instance in circuit {
          let parsed = instance.compactMap { Fr(decimal: $0) }
          guard parsed.count == instance.count, parsed.first == .one else {
            throw .malformed(
              field: "groups[\(number)].public_inputs", reason: "not field elements after a 1")
          }
          instances.append(parsed)
        }
        circuits.append(instances)
      }
      elements.append(circuits)
    }
    self.elements = elements
    try join(document)
  }

  /// The element at a position, nil if there is none.
  func element(at position: PublicInputPosition) -> Fr? {
    guard elements.indices.contains(position.group),
      elements[position.group].indices.contains(position.circuit),
      elements[position.group][position.circuit].indices.contains(position.instance),
      elements[position.group][position.circuit][position.instance].indices
        .contains(position.index)
    else { return nil }
    return elements[position.group][position.circuit][position.instance][position.index]
  }

  private mutating func join(_ document: ProofDocument) throws(DocumentError) {
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
    for (field, tensors) in [
      ("inputs", document.inputs), ("outputs", document.outputs),
      ("parameters", document.parameters ?? []),
    ] {
      for commitment in tensors.flatMap(\.commitments) {
        pairs += commitment.positions.map { (field, commitment.positions[0], $0) }
      }
    }
    for (field, from, to) in pairs {
      guard let first = element(at: from), let second = element(at: to), from.index > 0,
        to.index > 0
      else { throw .malformed(field: field, reason: "\(from) or \(to) is no public input") }
      guard first == second else {
        throw .malformed(field: field, reason: "\(from) and \(to) differ")
      }
      if root(from) != root(to) { parent[root(to)] = root(from) }
    }
    var numbers: [PublicInputPosition: Int] = [:]
    for position in positions {
      let representative = root(position)
      if numbers[representative] == nil {
        numbers[representative] = values.count
        values.append(element(at: representative)!)
      }
      classOf[position] = numbers[representative]!
    }
  }

  /// All positions but those of the leading ones, in order.
  private var positions: [PublicInputPosition] {
    elements.enumerated().flatMap { group, circuits in
      circuits.enumerated().flatMap { circuit, instances in
        instances.enumerated().flatMap { instance, elements in
          elements.indices.dropFirst().map {
            PublicInputPosition(group: group, circuit: circuit, instance: instance, index: $0)
          }
        }
      }
    }
  }
}
