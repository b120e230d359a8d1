extension DocumentVerifier {
  /// Whether the two ends of every link hold the same element.
  var linkCheck: DocumentCheck {
    let failures = document.links.compactMap { link -> String? in
      guard let from = document.publicInput(link.from), let to = document.publicInput(link.to),
        link.from.index > 0, link.to.index > 0
      else { return "\(link.from) to \(link.to): no such public input" }
      return from == to ? nil : "\(link.from) and \(link.to) differ"
    }
    return DocumentCheck("links", failures, otherwise: "\(document.links.count) equal pairs")
  }

  /// Whether every public input of a model's chunks is an end of a link or commits to an input, an output or weights: what
  /// nothing refers to could come from another run.
  ///
  /// Only the plan says whether these are the right ones.
  var tieCheck: DocumentCheck {
    var tied = Set(document.links.flatMap { [$0.from, $0.to] })
    for (_, tensors) in document.boundTensors {
      tied.formUnion(tensors.flatMap { $0.commitments.flatMap(\.positions) })
    }
    let loose = document.publicInputPositions.filter { !tied.contains($0) }
    return DocumentCheck(
      "ties", loose.map { "nothing refers to the public input at \($0)" },
      otherwise: "every commitment is linked or bound")
  }
}

extension ProofDocument {
  /// All positions but those of the leading ones, in order.
  var publicInputPositions: [PublicInputPosition] {
    groups.enumerated().flatMap { group, content in
      content.publicInputs.enumerated().flatMap { circuit, instances in
        instances.enumerated().flatMap { instance, elements in
          elements.indices.dropFirst().map {
            PublicInputPosition(group: group, circuit: circuit, instance: instance, index: $0)
          }
        }
      }
    }
  }
}
