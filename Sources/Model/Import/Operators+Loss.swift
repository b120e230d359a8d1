extension Operators {
  /// Losses of classifiers, for models that are exported with them.
  static let losses: [String: Translation] = [
    "NegativeLogLikelihoodLoss": one { (node) throws(ModelError) in
      try node.negativeLikelihood(node.operand(0))
    },
    "SoftmaxCrossEntropyLoss": { (node) throws(ModelError) in
      let (_, sums, distances) = try node.exponentials(node.operand(0), axes: [1])
      let logarithms = try node.scaled(
        node.plus(distances, node.apply(.log, sums)), by: -1)
      return [try node.negativeLikelihood(logarithms), logarithms]
    },
  ]
}

extension NodeContext {
  /// The weighted logarithms of the classes that operand 1 names, negated and reduced as the attributes say.
  ///
  /// - Parameter logarithms: batch x classes x places.
  fileprivate func negativeLikelihood(_ logarithms: Term) throws(ModelError) -> Term {
    let labels = try operand(1)
    let shape = logarithms.shape
    try require(
      shape.count >= 2 && labels.shape == [shape[0]] + shape.dropFirst(2) && labels.count > 0,
      "labels of shape \(labels.shape) do not fit \(shape)")
    let (classes, inner) = (shape[1], shape.dropFirst(2).reduce(1, *))
    var places = labels.reshaped([labels.count])
    // How much each label counts; nil where all count the same.
    var weight: Term?
    if let ignored = attribute("ignore_index")?.integer {
      let kept = try not(compare(.equal, places, Term(Double(ignored), type: labels.type)))
      places = try product(places, kept).typed(labels.type)
      weight = kept.typed(logarithms.type)
    }
    if let given = optional(2) {
      try require(given.shape == [classes], "the weights do not fit \(classes) classes")
      let picks = (0..<labels.count).map {
        Graph.Pick(index: $0, start: 0, stride: 1, count: classes)
      }
      let own = try recorder.record(
        .gather(picks: picks), [given, places], shape: places.shape, type: given.type)
      weight = try weight.map { (kept) throws(ModelError) in try product(own, kept) } ?? own
    }
    let picks = (0..<labels.count).map {
      Graph.Pick(
        index: $0, start: $0 / inner * classes * inner + $0 % inner, stride: inner, count: classes)
    }
    var losses = try scaled(
      recorder.record(
        .gather(picks: picks), [logarithms, places], shape: places.shape, type: logarithms.type),
      by: -1)
    if let weight { losses = try product(losses, weight) }
    let all = [Array(0..<labels.count)]
    switch text("reduction", default: "mean") {
    case "none": return losses.reshaped(labels.shape)
    case "sum": return try sums(of: all, in: losses, shape: [])
    case "mean":
      guard let weight else {
        return try sums(of: all, in: losses, factor: 1 / Double(labels.count), shape: [])
      }
      return try quotient(
        sums(of: all, in: losses, shape: []), sums(of: all, in: weight, shape: []))
    case let reduction: throw error("unknown reduction \(reduction)")
    }
  }
}
