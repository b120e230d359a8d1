extension Operators {
  /// Support vector machines.
  static let supportVectors: [String: Translation] = [
    "SVMRegressor": unary(supportVectorRegression),
    "SVMClassifier": classifier(supportVectorClasses),
  ]

  private static func supportVectorRegression(
    _ node: NodeContext, _ x: Term
  ) throws(ModelError) -> Term {
    let x = try rows(node, node.cast(x, to: .float))
    let coefficients = try node.floats("coefficients") ?? []
    let rho = try node.floats("rho") ?? []
    try node.require(!rho.isEmpty, "rho is missing")
    // Runtimes differ: onnxruntime ignores it.
    try node.require(
      node.text("post_transform", default: "NONE") == "NONE", "it has a post_transform")
    let count = node.integer("n_supports", default: 0)
    let kernels =
      count > 0 ? try SupportVectors(node, count: count, features: x.shape[1]).kernels(of: x) : x
    try node.require(
      coefficients.count == kernels.shape[1],
      "\(coefficients.count) coefficients do not fit \(kernels.shape[1])")
    let sums = try node.scaled(
      node.matmul(kernels, Term(coefficients, shape: [coefficients.count, 1])), by: 1, plus: rho[0])
    guard node.flag("one_class") else { return sums }
    return try node.scaled(node.compare(.less, Term(0), sums).typed(.float), by: 2, plus: -1)
  }

  private static func supportVectorClasses(_ node: NodeContext) throws(ModelError) -> [Term] {
    let x = try rows(node, node.cast(node.operand(0), to: .float))
    let labels = try node.classLabels("classlabels_ints")
    let transform = node.text("post_transform", default: "NONE")
    let rho = try node.floats("rho") ?? []
    let (slopes, offsets) = (try node.floats("prob_a") ?? [], try node.floats("prob_b") ?? [])
    let coefficients = try node.floats("coefficients") ?? []
    let counts = node.integers("vectors_per_class") ?? []
    try node.require(
      (2...256).contains(labels.count) && !rho.isEmpty && slopes.count == offsets.count,
      "its attributes do not fit \(labels.count) classes")
    guard counts.contains(where: { $0 != 0 }) else {
      // One linear score for each class.
      try node.require(
        coefficients.count == labels.count * x.shape[1],
        "\(coefficients.count) coefficients do not fit")
      let weights = Term(coefficients, shape: [labels.count, x.shape[1]])
      let scores = try node.scaled(
        node.matmul(x, node.transposed(weights, [1, 0])), by: 1, plus: rho[0])
      var label = try node.labels(scores, labels)
      if labels.count == 2, slopes.isEmpty {
        // The second class wins as soon as one of the scores is large enough.
        let isPositive = coefficients.allSatisfy { $0 >= 0 }
        let largest = try node.maximum(
          TensorShape.groups(scores.shape, axes: [1]), in: scores, shape: label.shape)
        let wins =
          try isPositive
          ? node.not(node.compare(.less, largest, Term(0.5)))
          : node.compare(.less, Term(0), largest)
        label = try node.select(wins, Term(Double(labels[1]), type: .int64), label).typed(.int64)
      }
      return [label, try node.transformed(scores, transform)]
    }
    let pairs = labels.count * (labels.count - 1) / 2
    try node.require(
      counts.count == labels.count && counts.allSatisfy((0...1 << 20).contains)
        && rho.count >= pairs && (slopes.isEmpty || slopes.count >= pairs),
      "its attributes do not fit \(labels.count) classes")
    let count = counts.reduce(0, +)
    let machine = try SupportVectors(node, count: count, features: x.shape[1])
    try node.require(
      coefficients.count == (labels.count - 1) * count,
      "\(coefficients.count) coefficients do not fit")
    let scores = try pairScores(
      node, machine.kernels(of: x), counts: counts, coefficients: coefficients, rho: rho)
    let label = try winner(node, scores, labels)
    if !slopes.isEmpty {
      let logits = try node.scaled(scores) { (-slopes[$0 % pairs], -offsets[$0 % pairs]) }
      let coupled = try PairwiseCoupling(
        node, node.apply(.sigmoid, logits), classes: labels.count
      ).probabilities()
      return [label, try node.transformed(coupled, transform)]
    }
    guard pairs == 1 else { return [label, try node.transformed(scores, transform)] }
    let other: Term
    switch transform {
    case "NONE": other = try node.negated(scores)
    case "LOGISTIC":
      let both = try node.concatenated([node.negated(scores), scores], axis: 1)
      return [label, try node.apply(.sigmoid, both)]
    case "SOFTMAX": other = try node.scaled(scores, by: -1, plus: 1)
    default: throw node.error("post_transform \(transform) is not supported")
    }
    return [label, try node.concatenated([other, scores], axis: 1)]
  }

  /// For each pair of classes i < j a number that is positive where i wins: rows x pairs.
  ///
  /// The coefficients of the vectors of a class against another one stand in the row of the other class, which is one
  /// higher for those before it.
  private static func pairScores(
    _ node: NodeContext, _ kernels: Term, counts: [Int], coefficients: [Double], rho: [Double]
  ) throws(ModelError) -> Term {
    let (classes, count) = (counts.count, kernels.shape[1])
    let pairs = classes * (classes - 1) / 2
    var starts = [0]
    for own in counts { starts.append(starts[starts.count - 1] + own) }
    try node.checkedCount([count, pairs])
    var matrix = [Double](repeating: 0, count: count * pairs)
    var pair = 0
    for i in 0..<classes {
      for j in i + 1..<classes {
        for vector in starts[i]..<starts[i + 1] {
          matrix[vector * pairs + pair] = coefficients[(j - 1) * count + vector]
        }
        for vector in starts[j]..<starts[j + 1] {
          matrix[vector * pairs + pair] = coefficients[i * count + vector]
        }
        pair += 1
      }
    }
    return try node.plus(
      node.matmul(kernels, Term(matrix, shape: [count, pairs])),
      Term(Array(rho[..<pairs]), shape: [pairs]))
  }

  /// The label of the class that wins most pairs, the first of several.
  private static func winner(
    _ node: NodeContext, _ scores: Term, _ labels: [Int]
  ) throws(ModelError) -> Term {
    let wins = try node.compare(.less, Term(0), scores).typed(.int64)
    if labels.count == 2 {
      return try node.scaled(
        wins, by: Double(labels[0]) - Double(labels[1]), plus: Double(labels[1])
      ).reshaped([scores.shape[0]])
    }
    let (classes, pairs) = (labels.count, scores.shape[1])
    var matrix = [Double](repeating: 0, count: pairs * classes)
    var pair = 0
    for i in 0..<classes {
      for j in i + 1..<classes {
        matrix[pair * classes + i] = 1
        matrix[pair * classes + j] = -1
        pair += 1
      }
    }
    let votes = try node.plus(
      node.matmul(wins, Term(matrix, shape: [pairs, classes], type: .int64)),
      Term((0..<classes).map(Double.init), shape: [classes], type: .int64))
    return try node.labels(votes, labels)
  }
}

/// The vectors of a machine and what compares inputs with them.
private struct SupportVectors {
  private enum Kernel: String {
    case linear = "LINEAR", polynomial = "POLY", radial = "RBF", sigmoid = "SIGMOID"
  }

  private let node: NodeContext
  private let vectors: [Double]
  private let count: Int
  private let features: Int
  private let kernel: Kernel
  private var (gamma, offset, degree) = (0.0, 0.0, 0.0)

  init(_ node: NodeContext, count: Int, features: Int) throws(ModelError) {
    (self.node, self.count, self.features) = (node, count, features)
    vectors = try node.floats("support_vectors") ?? []
    let name = node.text("kernel_type", default: "LINEAR")
    guard let kernel = Kernel(rawValue: name) else { throw node.error("unknown kernel \(name)") }
    self.kernel = kernel
    let (expected, overflow) = count.multipliedReportingOverflow(by: features)
    try node.require(
      !overflow && features > 0 && vectors.count == expected,
      "\(vectors.count) numbers are not \(count) vectors of \(features)")
    let parameters = try node.floats("kernel_params") ?? []
    try node.require(
      parameters.count >= 3 || kernel == .linear, "kernel_params has less than 3 numbers")
    if parameters.count >= 3 {
      (gamma, offset, degree) = (parameters[0], parameters[1], parameters[2])
    }
  }

  /// The kernel of each row with each vector: rows x vectors.
  func kernels(of x: Term) throws(ModelError) -> Term {
    switch kernel {
    case .linear: return try products(x, vectors)
    case .polynomial:
      return try node.power(
        node.scaled(products(x, vectors), by: gamma, plus: offset), degree)
    case .sigmoid:
      return try node.apply(.tanh, node.scaled(products(x, vectors), by: gamma, plus: offset))
    case .radial: return try radial(x)
    }
  }

  private func products(_ x: Term, _ vectors: [Double]) throws(ModelError) -> Term {
    try node.checkedCount([x.shape[0], count])
    return try node.matmul(
      x, node.transposed(Term(vectors, shape: [count, features]), [1, 0]))
  }

  /// exp(-gamma |x - v|^2) by |x - c|^2 - 2 (x - c)(v - c) + |v - c|^2, with the mean c of the vectors so that the three
  /// are of the size of their sum.
  private func radial(_ x: Term) throws(ModelError) -> Term {
    var center = [Double](repeating: 0, count: features)
    for (index, number) in vectors.enumerated() {
      center[index % features] += number / Double(count)
    }
    let centered = try node.scaled(x) { (1, -center[$0 % features]) }
    let others = vectors.indices.map { vectors[$0] - center[$0 % features] }
    let lengths = (0..<count).map { vector in
      others[vector * features..<(vector + 1) * features].reduce(0) { $0 + $1 * $1 }
    }
    let own = try node.sums(
      of: TensorShape.groups(x.shape, axes: [1]), in: node.product(centered, centered),
      shape: [x.shape[0], 1])
    let distances = try node.sum(
      [own, products(centered, others), Term(lengths, shape: [count])], factors: [1, -2, 1])
    return try node.apply(.exp, node.scaled(distances, by: -gamma))
  }
}

/// Probabilities of classes from those of pairs: the second method of Wu, Lin and Weng, "Probability estimates for
/// multi-class classification by pairwise coupling" (2004), with the end that libsvm and onnxruntime have.
///
/// It minimises p' Q p over p of sum 1, one class after the other, until every (Q p)_i is near p' Q p. A move towards class
/// i is p' = g p + (1 - g) e_i with g = Q_ii / (Q_ii + p' Q p - (Q p)_i). Once the end is reached nothing moves any more.
private struct PairwiseCoupling {
  /// Sweeps over all classes; random probabilities of up to 20 classes need at most 5. An input that needs more is an
  /// error of the run.
  private static let sweeps = 8
  /// Added to both sides of g, which is 0 / 0 where one class wins all pairs for sure and has all of p.
  ///
  /// No larger than a rounding of the float32 that onnxruntime computes in: a larger one moves the end to another sweep.
  private static let guardTerm = 0x1p-24

  private let node: NodeContext
  private let classes: Int
  private let rows: Int
  /// Rows x classes x classes.
  private let matrix: Term

  /// - Parameter pairs: for each pair of classes i < j how probable i is.
  init(_ node: NodeContext, _ pairs: Term, classes: Int) throws(ModelError) {
    (self.node, self.classes, rows) = (node, classes, pairs.shape[0])
    let count = pairs.shape[1]
    try node.checkedCount([2 * count, classes * classes])
    // Q_ii sums the squares of what the others have against i, Q_ij = -r_ij r_ji; with s = r^2 all is linear.
    let squares = try node.product(pairs, pairs)
    var map = [Double](repeating: 0, count: 2 * count * classes * classes)
    var biases = [Double](repeating: 0, count: classes * classes)
    func add(_ source: Int, _ i: Int, _ j: Int, _ factor: Double) {
      map[source * classes * classes + i * classes + j] += factor
    }
    var pair = 0
    for i in 0..<classes {
      for j in i + 1..<classes {
        biases[i * classes + i] += 1
        add(pair, i, i, -2)
        add(count + pair, i, i, 1)
        add(count + pair, j, j, 1)
        for (first, second) in [(i, j), (j, i)] {
          add(pair, first, second, -1)
          add(count + pair, first, second, 1)
        }
        pair += 1
      }
    }
    let product = try node.matmul(
      node.concatenated([pairs, squares], axis: 1),
      Term(map, shape: [2 * count, classes * classes]))
    matrix = try node.plus(product, Term(biases, shape: [classes * classes]))
      .reshaped([rows, classes, classes])
  }

  func probabilities() throws(ModelError) -> Term {
    var p = Term(
      [Double](repeating: 1 / Double(classes), count: rows * classes), shape: [rows, classes])
    for _ in 0..<Self.sweeps {
      var (gradient, value) = try gradient(p)
      let goesOn = try node.not(isDone(gradient, value)).typed(.float)
      for i in 0..<classes {
        let column = try node.taken(matrix, axis: 2, [i], shape: [])
        let own = try node.scaled(
          node.taken(column, axis: 1, [i], shape: [1]), by: 1, plus: Self.guardTerm)
        let slope = try node.minus(value, node.taken(gradient, axis: 1, [i], shape: [1]))
        let kept = try node.quotient(own, node.plus(own, node.product(goesOn, slope)))
        let unit = Term(
          (0..<rows * classes).map { $0 % classes == i ? 1 : 0 }, shape: [rows, classes])
        p = try node.plus(node.product(kept, node.minus(p, unit)), unit)
        gradient = try node.plus(node.product(kept, node.minus(gradient, column)), column)
        value = try total(node.product(p, gradient))
      }
    }
    let (gradient, value) = try gradient(p)
    // 1 where it is done, and else a division by 0.
    let one = try node.quotient(Term(1), isDone(gradient, value).typed(.float))
    return try node.sum([p, one, Term(1)], factors: [1, 1, -1])
  }

  /// Q p and p' Q p.
  private func gradient(_ p: Term) throws(ModelError) -> (gradient: Term, value: Term) {
    let gradient = try node.sums(
      of: TensorShape.groups(matrix.shape, axes: [2]),
      in: node.product(matrix, p.reshaped([rows, 1, classes])), shape: [rows, classes])
    return (gradient, try total(node.product(p, gradient)))
  }

  private func total(_ term: Term) throws(ModelError) -> Term {
    try node.sums(
      of: TensorShape.groups(term.shape, axes: [1]), in: term, shape: [rows, 1])
  }

  private func isDone(_ gradient: Term, _ value: Term) throws(ModelError) -> Term {
    let errors = try node.absolute(node.minus(gradient, value))
    let largest = try node.maximum(
      TensorShape.groups(errors.shape, axes: [1]), in: errors, shape: [rows, 1])
    return try node.compare(.less, largest, Term(0.005 / Double(classes)))
  }
}
