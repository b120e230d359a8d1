extension Operators {
  /// Sums of products over labelled axes, two operands at a time from the left.
  static func einsum(_ node: NodeContext) throws(ModelError) -> Term {
    var terms = try node.allOperands()
    let equation = try EinsumEquation(node, ranks: terms.map(\.shape.count))
    var labels = equation.inputs
    for index in terms.indices {
      (terms[index], labels[index]) = try node.diagonal(terms[index], labels[index])
    }
    // A label whose axis has size 1 in one operand is broadcast there: it is as if it were not written.
    var sizes: [Character: Int] = [:]
    for (term, list) in zip(terms, labels) {
      for (label, size) in zip(list, term.shape) where size != 1 {
        try node.require(
          sizes.updateValue(size, forKey: label) ?? size == size, "sizes of \(label) differ")
      }
    }
    for index in terms.indices {
      let kept = labels[index].indices.filter {
        terms[index].shape[$0] == (sizes[labels[index][$0]] ?? 1)
      }
      terms[index] = terms[index].reshaped(kept.map { terms[index].shape[$0] })
      labels[index] = kept.map { labels[index][$0] }
    }
    var result = terms[0]
    var present = labels[0]
    for index in terms.indices.dropFirst() {
      let later = Set(labels[(index + 1)...].joined()).union(equation.output)
      (result, present) = try node.contracted(
        result, present, terms[index], labels[index], keeping: later)
    }
    (result, present) = try node.summed(result, present, keeping: Set(equation.output))
    var shape: [Int] = []
    for label in equation.output { shape.append(sizes[label] ?? 1) }
    let strides = TensorShape.strides(result.shape)
    let steps = equation.output.map { label in
      present.firstIndex(of: label).map { strides[$0] } ?? 0
    }
    try node.checkedCount(shape)
    return try node.picking(
      TensorShape.elements(shape: shape, strides: steps), of: result, shape: shape)
  }
}

/// The labels of an einsum equation, with the axes of an ellipsis as digits.
private struct EinsumEquation {
  var inputs: [[Character]] = []
  var output: [Character] = []

  init(_ node: NodeContext, ranks: [Int]) throws(ModelError) {
    let text = node.text("equation", default: "").filter { $0 != " " }
    let halves = text.split(separator: ">", omittingEmptySubsequences: false)
    let hasOutput = text.contains("->")
    try node.require(halves.count == (hasOutput ? 2 : 1), "the equation '\(text)' cannot be read")
    let left = hasOutput ? halves[0].dropLast() : halves[0]
    let operands = left.split(separator: ",", omittingEmptySubsequences: false)
    try node.require(operands.count == ranks.count, "'\(text)' has not \(ranks.count) operands")
    var widest = 0
    for (operand, rank) in zip(operands, ranks) {
      let labels = try Self.labels(node, operand, rank: rank)
      widest = max(widest, labels.filter(\.isNumber).count)
      inputs.append(labels)
    }
    if hasOutput {
      let named = halves[1].filter { $0 != "." }.count
      let rank = halves[1].contains("...") ? named + widest : named
      output = try Self.labels(node, halves[1], rank: rank)
    } else {
      // Without an output, the axes of the ellipsis and then every label that stands once, in alphabetical order.
      let all = inputs.joined().filter { !$0.isNumber }
      let once = Set(all).filter { label in all.count(where: { $0 == label }) == 1 }
      output = (0..<widest).reversed().map { Character("\($0)") } + once.sorted()
    }
    try node.require(Set(output).count == output.count, "'\(text)' repeats a label in its output")
    let known = Set(inputs.joined())
    try node.require(output.allSatisfy(known.contains), "'\(text)' makes up a label")
  }

  /// The labels of one operand; axes of an ellipsis are numbered from the last one.
  private static func labels(
    _ node: NodeContext, _ text: Substring, rank: Int
  ) throws(ModelError) -> [Character] {
    let parts = text.split(separator: "...", omittingEmptySubsequences: false)
    let named = parts.reduce(0) { $0 + $1.count }
    let spare = rank - named
    try node.require(
      parts.joined().allSatisfy { $0.isLetter && $0.isASCII } && parts.count <= 2
        && (parts.count == 2 ? (0..<10).contains(spare) : spare == 0),
      "'\(text)' does not fit a tensor of rank \(rank)")
    guard parts.count == 2 else { return Array(text) }
    return Array(parts[0]) + (0..<spare).reversed().map { Character("\($0)") } + Array(parts[1])
  }
}

extension NodeContext {
  /// Takes the diagonal of axes with the same label.
  fileprivate func diagonal(
    _ term: Term, _ labels: [Character]
  ) throws(ModelError) -> (Term, [Character]) {
    var distinct: [Character] = []
    for label in labels where !distinct.contains(label) { distinct.append(label) }
    guard distinct.count < labels.count else { return (term, labels) }
    let own = TensorShape.strides(term.shape)
    var shape: [Int] = []
    var strides: [Int] = []
    for label in distinct {
      let axes = labels.indices.filter { labels[$0] == label }
      let size = term.shape[axes[0]]
      try require(axes.allSatisfy { term.shape[$0] == size }, "sizes of \(label) differ")
      shape.append(size)
      strides.append(axes.reduce(0) { $0 + own[$1] })
    }
    let elements = TensorShape.elements(shape: shape, strides: strides)
    return (try picking(elements, of: term, shape: shape), distinct)
  }

  /// Sums over all axes whose label is not kept.
  fileprivate func summed(
    _ term: Term, _ labels: [Character], keeping: Set<Character>
  ) throws(ModelError) -> (Term, [Character]) {
    let axes = labels.indices.filter { !keeping.contains(labels[$0]) }
    guard !axes.isEmpty else { return (term, labels) }
    let kept = labels.indices.filter { keeping.contains(labels[$0]) }
    let groups = TensorShape.groups(term.shape, axes: axes)
    let sum = try sums(of: groups, in: term, shape: kept.map { term.shape[$0] })
    return (sum, kept.map { labels[$0] })
  }

  /// The product of two operands, summed over the labels that nothing later needs.
  fileprivate func contracted(
    _ a: Term, _ labelsA: [Character], _ b: Term, _ labelsB: [Character],
    keeping later: Set<Character>
  ) throws(ModelError) -> (Term, [Character]) {
    let (a, labelsA) = try summed(a, labelsA, keeping: later.union(labelsB))
    let (b, labelsB) = try summed(b, labelsB, keeping: later.union(labelsA))
    let shared = labelsA.filter(labelsB.contains)
    let batch = shared.filter(later.contains)
    let inner = shared.filter { !later.contains($0) }
    let rows = labelsA.filter { !labelsB.contains($0) }
    let columns = labelsB.filter { !labelsA.contains($0) }
    func sizes(_ labels: [Character], _ term: Term, _ own: [Character]) -> [Int] {
      labels.map { term.shape[own.firstIndex(of: $0)!] }
    }
    func elements(_ order: [Character], _ term: Term, _ own: [Character]) -> [Int] {
      let strides = TensorShape.strides(term.shape)
      return TensorShape.elements(
        shape: sizes(order, term, own), strides: order.map { strides[own.firstIndex(of: $0)!] })
    }
    let shape =
      sizes(batch, a, labelsA) + sizes(rows, a, labelsA) + sizes(columns, b, labelsB)
    try checkedCount(shape)
    let result = try matrixProduct(
      a, elements(batch + rows + inner, a, labelsA), b,
      elements(batch + inner + columns, b, labelsB),
      batch: sizes(batch, a, labelsA).reduce(1, *), m: sizes(rows, a, labelsA).reduce(1, *),
      k: sizes(inner, a, labelsA).reduce(1, *), n: sizes(columns, b, labelsB).reduce(1, *),
      shape: shape)
    return (result, batch + rows + columns)
  }
}
