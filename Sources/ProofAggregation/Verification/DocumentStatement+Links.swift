extension DocumentStatement {
  /// Whether the two ends of every link hold the same element.
  var linkCheck: DocumentCheck {
    let failures = links.compactMap { link -> String? in
      guard let from = publicInput(link.from), let to = publicInput(link.to),
        link.from.index > 0, link.to.index > 0
      else { return "\(link.from) to \(link.to): no such public input" }
      return from == to ? nil : "\(link.from) and \(link.to) differ"
    }
    return DocumentCheck("links", failures, otherwise: "\(links.count) equal pairs")
  }

  /// Whether every public input of a model's chunks is an end of a link or commits to an input, an output or weights: what
  /// nothing refers to could come from another run.
  ///
  /// Only the plan says whether these are the right ones.
  var tieCheck: DocumentCheck {
    var tied = Set(links.flatMap { [$0.from, $0.to] })
    for (_, tensors) in tensors {
      tied.formUnion(tensors.flatMap { $0.commitments.flatMap(\.positions) })
    }
    let loose = positions.filter { !tied.contains($0) }
    return DocumentCheck(
      "ties", loose.map { "nothing refers to the public input at \($0)" },
      otherwise: "every commitment is linked or bound")
  }
}
