extension Operators {
  /// Normalisations and the softmax family.
  static let normalizations: [String: Translation] = [
    "BatchNormalization": batchNormalization,
    "InstanceNormalization": one(instanceNormalization),
    "LayerNormalization": layerNormalization, "GroupNormalization": one(groupNormalization),
    "RMSNormalization": one(rootMeanSquare), "SimplifiedLayerNormalization": simplified,
    "LpNormalization": unary(lpNormalization),
    "LRN": unary(localResponse),
    "MeanVarianceNormalization": unary(meanVariance),
    "Softmax": unary { (node, x) throws(ModelError) in
      let (exponentials, sums, _) = try node.exponentials(x)
      return try node.quotient(exponentials, sums)
    },
    "LogSoftmax": unary { (node, x) throws(ModelError) in
      let (_, sums, distances) = try node.exponentials(x)
      return try node.scaled(node.plus(distances, node.apply(.log, sums)), by: -1)
    },
    "Hardmax": unary(hardmax),
  ]

  /// Inference form, per channel: (x - mean) / sqrt(variance + epsilon) * scale + bias.
  private static func batchNormalization(_ node: NodeContext) throws(ModelError) -> [Term] {
    let x = try node.operand(0)
    try node.require(x.shape.count >= 2, "needs an input of rank 2 or more")
    let isTraining = node.flag("training_mode")
    // The training form gives the running statistics as well, and runtimes take neither with the outputs of the other.
    let expected = isTraining ? 3 : 1
    let found = node.node.outputs.count
    try node.require(
      found == expected,
      "it has \(found) output\(found == 1 ? "" : "s"), not \(expected), with training_mode "
        + (isTraining ? "1; export the model for inference" : "0"))
    if isTraining { return try batchStatistics(node) }
    var parameters: [Term] = []
    for index in 1...4 {
      let list = try node.operand(index)
      try node.require(
        list.count == x.shape[1], "input \(index) has \(list.count) of \(x.shape[1]) elements")
      parameters.append(
        list.reshaped([x.shape[1]] + [Int](repeating: 1, count: x.shape.count - 2)))
    }
    let epsilon = try node.float("epsilon", default: 1e-5)
    let deviation = try node.apply(.squareRoot, node.scaled(parameters[3], by: 1, plus: epsilon))
    let factor = try node.quotient(parameters[0], deviation)
    let offset = try node.minus(parameters[1], node.product(parameters[2], factor))
    return [try node.plus(node.product(x, factor), offset)]
  }

  /// Training form: the batch's own mean and variance, which the running ones move towards.
  private static func batchStatistics(_ node: NodeContext) throws(ModelError) -> [Term] {
    let x = try node.operand(0)
    let axes = x.shape.indices.filter { $0 != 1 }
    let shape = [x.shape[1]] + [Int](repeating: 1, count: x.shape.count - 2)
    let (scale, bias) = (try node.operand(1), try node.operand(2))
    try node.require(
      [scale, bias].allSatisfy { $0.count == x.shape[1] }, "scale or bias do not fit the channels")
    let standard = try node.standardized(
      x, axes: axes, epsilon: node.float("epsilon", default: 1e-5))
    let result = try node.plus(
      node.product(standard.result, scale.reshaped(shape)), bias.reshaped(shape))
    let momentum = try node.float("momentum", default: 0.9)
    func moved(_ index: Int, _ current: Term) throws(ModelError) -> Term {
      try node.sum(
        [node.operand(index), current.reshaped([x.shape[1]])], factors: [momentum, 1 - momentum])
    }
    return [
      result, try moved(3, standard.mean), try moved(4, standard.variance),
    ]
  }

  private static func rootMeanSquare(_ node: NodeContext) throws(ModelError) -> Term {
    let x = try node.operand(0)
    let axis = try node.axis(default: -1, rank: x.shape.count)
    return try node.rootMeanSquare(
      x, axes: Array(axis..<x.shape.count), epsilon: node.float("epsilon", default: 1e-5),
      scale: node.operand(1)
    ).result
  }

  /// What onnxruntime calls a root mean square normalisation, with the reciprocal root as second output.
  private static func simplified(_ node: NodeContext) throws(ModelError) -> [Term] {
    let x = try node.operand(0)
    let axis = try node.axis(default: -1, rank: x.shape.count)
    let (result, root) = try node.rootMeanSquare(
      x, axes: Array(axis..<x.shape.count), epsilon: node.float("epsilon", default: 1e-5),
      scale: node.operand(1))
    return node.wants(output: 1) ? [result, try reciprocal(node, root)] : [result]
  }

  private static func instanceNormalization(_ node: NodeContext) throws(ModelError) -> Term {
    let x = try node.operand(0)
    try node.require(x.shape.count >= 3, "needs an input of rank 3 or more")
    let (scale, bias) = (try node.operand(1), try node.operand(2))
    let channels = x.shape[1]
    try node.require(
      scale.count == channels && bias.count == channels, "scale or bias do not fit the channels")
    let shape = [channels] + [Int](repeating: 1, count: x.shape.count - 2)
    let standard = try node.standardized(
      x, axes: Array(2..<x.shape.count), epsilon: node.float("epsilon", default: 1e-5)
    ).result
    return try node.plus(
      node.product(standard, scale.reshaped(shape)), bias.reshaped(shape))
  }

  private static func layerNormalization(_ node: NodeContext) throws(ModelError) -> [Term] {
    let x = try node.operand(0)
    let axis = try node.axis(default: -1, rank: x.shape.count)
    let epsilon = try node.float("epsilon", default: 1e-5)
    let (standard, mean, deviation, _) = try node.standardized(
      x, axes: Array(axis..<x.shape.count), epsilon: epsilon)
    var result = try node.product(standard, node.operand(1))
    if let bias = node.optional(2) { result = try node.plus(result, bias) }
    guard node.wants(output: 2) else { return [result, mean] }
    return [result, mean, try reciprocal(node, deviation)]
  }

  private static func groupNormalization(_ node: NodeContext) throws(ModelError) -> Term {
    let x = try node.operand(0)
    let groups = node.integer("num_groups", default: 0)
    try node.require(
      x.shape.count >= 2 && groups > 0 && x.shape[1] % groups == 0 && x.count > 0,
      "\(groups) groups do not fit \(x.shape)")
    let split = [x.shape[0], groups, x.count / x.shape[0] / groups]
    let standard = try node.standardized(
      x.reshaped(split), axes: [2], epsilon: node.float("epsilon", default: 1e-5)
    ).result.reshaped(x.shape)
    var result = standard
    for (index, combine) in [(1, NodeContext.product), (2, NodeContext.plus)] {
      var list = try node.operand(index)
      if list.count == groups, groups != x.shape[1] {
        // Operator sets before 21 have one number per group.
        let perGroup = x.shape[1] / groups
        list = try node.picking(
          (0..<x.shape[1]).map { $0 / perGroup }, of: list, shape: [x.shape[1]])
      }
      try node.require(list.count == x.shape[1], "scale or bias do not fit the channels")
      result = try combine(node)(
        result, list.reshaped([x.shape[1]] + [Int](repeating: 1, count: x.shape.count - 2)))
    }
    return result
  }

  private static func lpNormalization(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let axis = try node.axis(default: -1, rank: x.shape.count)
    let norm = try node.norm(
      TensorShape.groups(x.shape, axes: [axis]), in: x, p: node.integer("p", default: 2),
      shape: TensorShape.reduced(x.shape, axes: [axis], keeping: true))
    return try node.normalized(x, by: norm)
  }

  private static func meanVariance(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let axes = try node.axes(node.integers("axes") ?? [0, 2, 3], rank: x.shape.count)
    return try node.standardized(x, axes: axes, epsilon: 0, plus: 1e-9).result
  }

  /// x / (bias + alpha / size * sum of the squares of neighbouring channels)^beta.
  private static func localResponse(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let size = node.integer("size", default: 0)
    try node.require(x.shape.count >= 2 && (1...1 << 16).contains(size), "size is unusable")
    let alpha = try node.float("alpha", default: 1e-4)
    let beta = try node.float("beta", default: 0.75)
    let bias = try node.float("bias", default: 1)
    let (channels, plane) = (x.shape[1], x.shape.dropFirst(2).reduce(1, *))
    try node.checkEntries(x.count, min(size, channels))
    let squares = try node.product(x, x)
    var map = RealMap(inputCount: x.count)
    for element in 0..<x.count {
      let channel = element / plane % channels
      let low = max(0, channel - (size - 1) / 2)
      let high = min(channels - 1, channel + size / 2)
      for other in low...high {
        map.add(element + (other - channel) * plane, alpha / Double(size))
      }
      map.endRow(bias: bias)
    }
    let sums = try node.affine(map, [squares], shape: x.shape)
    return try node.quotient(x, node.power(sums, beta))
  }

  private static func hardmax(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let axes = try node.softmaxAxes(x)
    try node.require(x.count > 0, "its operand is empty")
    let groups = TensorShape.groups(x.shape, axes: axes)
    let places = try node.recorder.record(
      .argmax(groups: groups, last: false), [x], shape: [groups.count], type: .int64)
    let size = groups.first?.count ?? 1
    var order = [Int](repeating: 0, count: x.count)
    for (index, group) in groups.enumerated() {
      for (place, element) in group.enumerated() { order[element] = index * size + place }
    }
    return try node.picking(order, of: node.oneHot(places, size: size), shape: x.shape)
  }
}

extension NodeContext {
  /// x divided by a norm, and 0 where that is 0.
  func normalized(_ x: Term, by norm: Term) throws(ModelError) -> Term {
    try quotient(x, plus(norm, compare(.equal, norm, Term(0))).typed(x.type))
  }

  /// x / sqrt(mean of x^2 + epsilon) * scale over some axes, with the root.
  func rootMeanSquare(
    _ x: Term, axes: [Int], epsilon: Double, scale: Term
  ) throws(ModelError) -> (result: Term, root: Term) {
    let groups = TensorShape.groups(x.shape, axes: axes)
    try require(!groups.isEmpty && !groups[0].isEmpty, "it normalises nothing")
    let means = try sums(
      of: groups, in: product(x, x), factor: 1 / Double(groups[0].count),
      shape: TensorShape.reduced(x.shape, axes: axes, keeping: true))
    let root = try apply(.squareRoot, scaled(means, by: 1, plus: epsilon))
    return (try product(quotient(x, root), scale).typed(x.type), root)
  }

  /// (x - mean) / (sqrt(variance + epsilon) + plus) over some axes, with mean and denominator.
  func standardized(
    _ x: Term, axes: [Int], epsilon: Double, plus offset: Double = 0
  ) throws(ModelError) -> (result: Term, mean: Term, deviation: Term, variance: Term) {
    let groups = TensorShape.groups(x.shape, axes: axes)
    try require(!groups.isEmpty && !groups[0].isEmpty, "it normalises nothing")
    let shape = TensorShape.reduced(x.shape, axes: axes, keeping: true)
    let factor = 1 / Double(groups[0].count)
    let mean = try sums(of: groups, in: x, factor: factor, shape: shape)
    let centered = try minus(x, mean)
    let squares = try product(centered, centered)
    let variance = try sums(of: groups, in: squares, factor: factor, shape: shape)
    let root = try apply(.squareRoot, scaled(variance, by: 1, plus: epsilon))
    let deviation = offset == 0 ? root : try scaled(root, by: 1, plus: offset)
    return (try quotient(centered, deviation), mean, deviation, variance)
  }

  /// The axes of a softmax: one since operator set 13, all from one on before.
  func softmaxAxes(_ x: Term) throws(ModelError) -> [Int] {
    if opset >= 13 { return [try axis(default: -1, rank: x.shape.count)] }
    let axis = try axis(default: 1, rank: x.shape.count)
    return Array(axis..<x.shape.count)
  }

  /// exp(x - maximum), its sums, and maximum - x, each over the axes of a softmax.
  func exponentials(
    _ x: Term, axes given: [Int]? = nil
  ) throws(ModelError) -> (exponentials: Term, sums: Term, distances: Term) {
    let axes = if let given { given } else { try softmaxAxes(x) }
    let groups = TensorShape.groups(x.shape, axes: axes)
    try require(!groups.isEmpty && !groups[0].isEmpty, "it normalises nothing")
    let shape = TensorShape.reduced(x.shape, axes: axes, keeping: true)
    let distances = try distances(groups, in: x)
    let exponentials = try apply(.decay, distances)
    return (exponentials, try sums(of: groups, in: exponentials, shape: shape), distances)
  }

  /// How much smaller each element is than the largest one of its group; groups are of equal size and hold all elements.
  func distances(_ groups: [[Int]], in x: Term) throws(ModelError) -> Term {
    let elements = Array(groups.joined())
    let inOrder = try recorder.record(
      .distance(groups: groups), [x], shape: [elements.count], type: x.type)
    var places = [Int](repeating: 0, count: x.count)
    for (place, element) in elements.enumerated() { places[element] = place }
    return try picking(places, of: inOrder, shape: x.shape)
  }
}
