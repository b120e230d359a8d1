extension Operators {
  /// Linear models and preprocessing of tables.
  static let linearModels: [String: Translation] = [
    "LinearRegressor": unary(regress), "LinearClassifier": classifier(classify),
    "Scaler": unary(scaler),
    "Normalizer": unary(normalizer), "Binarizer": unary(binarizer),
    "ArrayFeatureExtractor": binary(extract),
  ]

  /// A matrix of reals; a vector is its only row.
  static func rows(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let x = x.type.isInteger ? try node.cast(x, to: .float) : x
    if x.shape.count == 1 { return x.reshaped([1, x.count]) }
    try node.require(x.shape.count == 2, "needs a matrix")
    return x
  }

  /// x times the transposed coefficients, and intercepts: rows x outputs.
  private static func linear(
    _ node: NodeContext, _ x: Term, outputs: Int
  ) throws(ModelError) -> Term {
    let coefficients = try node.floats("coefficients") ?? []
    let intercepts = try node.floats("intercepts") ?? []
    let features = x.shape[1]
    try node.require(
      outputs > 0 && outputs <= 1 << 20 && features > 0 && coefficients.count == outputs * features
        && [0, outputs].contains(intercepts.count),
      "\(coefficients.count) coefficients and \(intercepts.count) intercepts do not fit")
    let weights = Term(coefficients, shape: [outputs, features])
    let product = try node.matmul(x, node.transposed(weights, [1, 0]))
    return intercepts.isEmpty
      ? product : try node.plus(product, Term(intercepts, shape: [outputs]))
  }

  /// Elements of the last dimension at places that may be computed; a list is read as the only row.
  private static func extract(
    _ node: NodeContext, _ x: Term, _ indices: Term
  ) throws(ModelError) -> Term {
    try node.require(x.count > 0 && !x.shape.isEmpty, "its operand is a scalar or empty")
    let x = x.shape.count == 1 ? x.reshaped([1, x.count]) : x
    let (axis, size) = (x.shape.count - 1, x.shape.last ?? 1)
    if indices.known != nil {
      let places = try node.integers(1, "the indices")
      return try node.taken(x, axis: axis, places, shape: [places.count])
    }
    let rows = x.count / size
    let shape = Array(x.shape[..<axis]) + [indices.count]
    try node.checkedCount(shape)
    let isList = x.constant == (0..<size).map(Double.init)
    if isList, let bounds = node.recorder.bounds(of: indices), bounds.lowerBound >= 0,
      bounds.upperBound < Int128(size)
    {
      return indices.reshaped(shape).typed(x.type)
    }
    let picks = (0..<rows).flatMap { row in
      (0..<indices.count).map {
        Graph.Pick(index: $0, start: row * size, stride: 1, count: size)
      }
    }
    return try node.recorder.record(
      .gather(picks: picks), [x, indices], shape: shape, type: x.type)
  }

  private static func regress(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let x = try rows(node, x)
    let targets = node.integer("targets", default: 1)
    let result = try linear(node, x, outputs: targets)
    return try node.transformed(result, ofTargets: targets)
  }

  private static func classify(_ node: NodeContext) throws(ModelError) -> [Term] {
    let x = try rows(node, node.operand(0))
    let labels = try node.classLabels("classlabels_ints")
    let outputs = try (node.floats("coefficients") ?? []).count / max(x.shape[1], 1)
    let scores = try linear(node, x, outputs: outputs)
    let transform = node.text("post_transform", default: "NONE")
    if outputs == 1, labels.count == 2 {
      return try node.binaryClasses(scores, labels: labels, isProbability: false, transform)
    }
    try node.require(
      outputs == labels.count && outputs > 1,
      "\(labels.count) labels do not fit \(outputs) scores")
    return [try node.labels(scores, labels), try node.transformed(scores, transform)]
  }

  private static func scaler(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let x = x.type.isInteger ? try node.cast(x, to: .float) : x
    let features = x.shape.last ?? 1
    let offsets = try node.floats("offset") ?? [0]
    let scales = try node.floats("scale") ?? [1]
    try node.require(
      [offsets, scales].allSatisfy { $0.count == 1 || $0.count == features },
      "offset or scale do not fit \(features) features")
    return try node.scaled(x) { element in
      let feature = element % max(features, 1)
      let scale = scales[scales.count == 1 ? 0 : feature]
      return (scale, -scale * offsets[offsets.count == 1 ? 0 : feature])
    }
  }

  private static func normalizer(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let x = try rows(node, x)
    let groups = TensorShape.groups(x.shape, axes: [1])
    let shape = [x.shape[0], 1]
    try node.require(x.count > 0, "its operand is empty")
    switch node.text("norm", default: "MAX") {
    case "MAX": return try node.normalized(x, by: node.maximum(groups, in: x, shape: shape))
    case "L1": return try node.normalized(x, by: node.norm(groups, in: x, p: 1, shape: shape))
    case "L2": return try node.normalized(x, by: node.norm(groups, in: x, p: 2, shape: shape))
    case let norm: throw node.error("unknown norm \(norm)")
    }
  }

  private static func binarizer(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    try node.compare(.less, Term(node.float("threshold", default: 0)), x).typed(x.type)
  }
}

extension NodeContext {
  /// The labels of a classifier; of texts, which cannot be proven, their places in the list of those that differ.
  func classLabels(_ name: String) throws(ModelError) -> [Int] {
    let texts = attribute("classlabels_strings")?.texts ?? []
    if let labels = integers(name), !labels.isEmpty {
      try require(texts.isEmpty, "it has labels of two kinds")
      try requireExact(labels, "its labels")
      return labels
    }
    try require(!texts.isEmpty, "it has no labels")
    return Labels.distinct(texts).places
  }

  /// The label of the largest score of each row.
  func labels(_ scores: Term, _ labels: [Int]) throws(ModelError) -> Term {
    let places = try recorder.record(
      .argmax(groups: TensorShape.groups(scores.shape, axes: [1]), last: false), [scores],
      shape: [scores.shape[0]], type: .int64)
    if labels == Array(0..<labels.count) { return places }
    let names = Term(labels.map(Double.init), shape: [labels.count, 1], type: .int64)
    return try matmul(oneHot(places, size: labels.count), names)
      .reshaped([scores.shape[0]]).typed(.int64)
  }

  /// Label and scores of two classes, of which the second one has the score, and the first one what is left of 1 of a
  /// probability, else the opposite.
  func binaryClasses(
    _ score: Term, labels: [Int], isProbability: Bool, _ transform: String
  ) throws(ModelError) -> [Term] {
    let isSecond = try compare(.less, Term(isProbability ? 0.5 : 0), score)
    let label = try scaled(
      isSecond, by: Double(labels[1]) - Double(labels[0]), plus: Double(labels[0])
    ).reshaped([score.shape[0]]).typed(.int64)
    let first = try scaled(score, by: -1, plus: isProbability ? 1 : 0)
    let both = try concatenated([first, score], axis: 1)
    return [label, try transformed(both, transform)]
  }

  /// What a regression does with its results at the end.
  func transformed(_ results: Term, ofTargets targets: Int) throws(ModelError) -> Term {
    let transform = text("post_transform", default: "NONE")
    // onnxruntime leaves a single number as it is, whatever the model says.
    try require(
      transform == "NONE" || targets > 1,
      "post_transform \(transform) of a single target is not supported")
    return try transformed(results, transform)
  }

  /// What a model does with its scores at the end.
  func transformed(_ scores: Term, _ transform: String) throws(ModelError) -> Term {
    switch transform {
    case "NONE": return scores
    case "LOGISTIC": return try apply(.sigmoid, scores)
    case "SOFTMAX":
      let (exponentials, sums, _) = try exponentials(scores, axes: [1])
      return try quotient(exponentials, sums)
    default: throw error("post_transform \(transform) is not supported")
    }
  }
}
