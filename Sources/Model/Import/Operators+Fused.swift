/// What onnxruntime's optimiser makes of several operators: the domain com.microsoft.
extension Operators {
  /// Convolutions and products with activations, the Gelu family, and normalisations of sums.
  static let fused: [String: Translation] = [
    "FusedConv": one(fusedConvolution), "FusedGemm": one(fusedGemm),
    "FusedMatMul": one(fusedMatMul), "TransposeMatMul": one(fusedMatMul),
    "Gelu": unary { (node, x) throws(ModelError) in try node.apply(.gelu(approximate: false), x) },
    "BiasGelu": binary { (node, x, bias) throws(ModelError) in
      try node.apply(.gelu(approximate: false), node.plus(x, bias))
    },
    "FastGelu": unary { (node, x) throws(ModelError) in
      let sum = try node.optional(1).map { (bias) throws(ModelError) in try node.plus(x, bias) }
      return try node.apply(.gelu(approximate: true), sum ?? x)
    },
    "QuickGelu": unary { (node, x) throws(ModelError) in
      let alpha = try node.float("alpha", default: Double(Float(1.702)))
      return try node.product(x, node.apply(.sigmoid, node.scaled(x, by: alpha)))
    },
    "SkipLayerNormalization": skipNormalization,
    "SkipSimplifiedLayerNormalization": skipSimplifiedNormalization,
    "EmbedLayerNormalization": embedding,
    "MatMulNBits": one(blockQuantizedProduct),
    "CDist": binary(distances),
    "Trilu": standard["Trilu"]!,
  ]

  private static func fusedConvolution(_ node: NodeContext) throws(ModelError) -> Term {
    var result = try node.convolution(
      of: node.operand(0), with: node.operand(1), bias: node.optional(2))
    if let sum = node.optional(3) {
      try node.require(sum.shape == result.shape, "the summand has another shape")
      result = try node.plus(result, sum)
    }
    let name = node.text("activation", default: "")
    return try node.activated(result, name, node.floats("activation_params") ?? [])
  }

  private static func fusedGemm(_ node: NodeContext) throws(ModelError) -> Term {
    let result = try gemm(node, node.operand(0), node.operand(1))
    var parameters: [Double] = []
    let names = ["activation_alpha", "activation_beta", "activation_gamma"]
    for (index, name) in names.enumerated() where node.attribute(name) != nil {
      try node.require(parameters.count == index, "\(name) is given without those before it")
      parameters.append(try node.float(name, default: 0))
    }
    return try node.activated(result, node.text("activation", default: ""), parameters)
  }

  /// alpha * A' * B', where vectors are never transposed.
  private static func fusedMatMul(_ node: NodeContext) throws(ModelError) -> Term {
    func operand(_ index: Int, _ suffix: String) throws(ModelError) -> Term {
      let x = try node.operand(index)
      let rank = x.shape.count
      guard rank > 1 else { return x }
      var order = Array(0..<rank)
      if node.flag("transBatch\(suffix)") {
        try node.require(rank > 2, "it has no batches")
        order = Array(1..<rank - 1) + [0, rank - 1]
      }
      if node.flag("trans\(suffix)") { order.swapAt(rank - 2, rank - 1) }
      return order == Array(0..<rank) ? x : try node.transposed(x, order)
    }
    let product = try node.matmul(operand(0, "A"), operand(1, "B"))
    return try node.scaled(product, by: node.float("alpha", default: 1))
  }

  /// The sum of an input, a skipped one and a bias.
  private static func skipSum(_ node: NodeContext, bias: Int) throws(ModelError) -> Term {
    let (x, skip) = (try node.operand(0), try node.operand(1))
    try node.require(
      !x.shape.isEmpty && TensorShape.broadcast(skip.shape, x.shape) == x.shape,
      "shapes \(x.shape) and \(skip.shape) do not fit")
    let terms = [x, skip] + (node.optional(bias).map { [$0] } ?? [])
    return try node.held(
      node.sum(terms, factors: [Double](repeating: 1, count: terms.count)), as: x.type)
  }

  private static func skipNormalization(_ node: NodeContext) throws(ModelError) -> [Term] {
    let sum = try skipSum(node, bias: 4)
    return try normalized(node, sum, scale: 2, bias: 3) + [sum]
  }

  /// Result, mean and reciprocal deviation along the last axis.
  private static func normalized(
    _ node: NodeContext, _ x: Term, scale: Int, bias: Int
  ) throws(ModelError) -> [Term] {
    let standard = try node.standardized(
      x, axes: [x.shape.count - 1], epsilon: node.float("epsilon", default: 1e-12))
    var result = try node.product(standard.result, node.operand(scale))
    if let bias = node.optional(bias) { result = try node.plus(result, bias) }
    return [
      result.typed(x.type), standard.mean,
      node.wants(output: 2) ? try reciprocal(node, standard.deviation) : standard.deviation,
    ]
  }

  private static func skipSimplifiedNormalization(
    _ node: NodeContext
  ) throws(ModelError) -> [Term] {
    let sum = try skipSum(node, bias: 3)
    try node.require(
      !node.wants(output: 1) && !node.wants(output: 2), "its mean or deviation is an output")
    let result = try node.rootMeanSquare(
      sum, axes: [sum.shape.count - 1], epsilon: node.float("epsilon", default: 1e-12),
      scale: node.operand(2)
    ).result
    return [result, result, result, sum]
  }

  /// The sum of the embeddings of words, positions and segments, normalised; how many words the mask leaves; the sum.
  private static func embedding(_ node: NodeContext) throws(ModelError) -> [Term] {
    let words = try node.operand(0)
    try node.require(words.shape.count == 2, "the words are no matrix")
    let (batch, time) = (words.shape[0], words.shape[1])
    func table(_ index: Int) throws(ModelError) -> Term {
      let table = try node.operand(index)
      try node.require(table.shape.count == 2, "input \(index) is no matrix")
      return table
    }
    let positions =
      node.optional(8)
      ?? Term((0..<time).map(Double.init), shape: [1, time], type: .int32)
    var sum = try node.plus(
      node.rows(of: table(2), at: words), node.rows(of: table(3), at: positions))
    if let segments = node.optional(1) {
      sum = try node.plus(sum, node.rows(of: table(4), at: segments))
    }
    let outputs = try normalized(node, sum, scale: 5, bias: 6)
    var counts = Term([Double](repeating: 0, count: batch), shape: [batch], type: .int32)
    if let mask = node.optional(7), node.wants(output: 1) {
      try node.require(mask.shape == words.shape, "a mask of shape \(mask.shape) does not fit")
      let seen = try node.compare(.equal, mask, Term(1, type: mask.type))
      counts = try node.sums(
        of: TensorShape.groups(mask.shape, axes: [1]), in: seen, shape: [batch]
      ).typed(.int32)
    }
    return [outputs[0], counts, sum]
  }

  /// A product with a matrix of small integers that have a scale and a zero point for each block of a column.
  private static func blockQuantizedProduct(_ node: NodeContext) throws(ModelError) -> Term {
    let x = try node.operand(0)
    let (inner, columns) = (node.integer("K", default: 0), node.integer("N", default: 0))
    let (bits, size) = (node.integer("bits", default: 4), node.integer("block_size", default: 0))
    try node.require(
      [2, 4, 8].contains(bits) && (1...1 << 20).contains(size) && (1...1 << 24).contains(inner)
        && (1...1 << 24).contains(columns), "its sizes are unusable")
    try node.checkedCount([inner, columns])
    try node.require(!node.flag("weight_prepacked"), "its weight has an order of its own")
    let blocks = (inner + size - 1) / size
    /// Numbers of `bits` bits, packed into bytes from the lowest bit on, each row from a byte of its own.
    func unpacked(_ bytes: [Double], rows: Int, count: Int) throws(ModelError) -> [Double] {
      let width = (count * bits + 7) / 8
      try node.require(bytes.count == rows * width, "a packed operand has another size")
      return (0..<rows * count).map { element in
        let (row, place) = (element / count, element % count * bits)
        let byte = UInt8(clamping: Int(clamping: bytes[row * width + place / 8]))
        return Double(byte >> UInt8(place % 8) & UInt8((1 << bits) - 1))
      }
    }
    let weights = try unpacked(
      node.constant(1, "the weight"), rows: columns * blocks, count: size)
    let scales = try node.constant(2, "the scales")
    try node.require(scales.count == columns * blocks, "the scales do not fit")
    var zeros = [Double](repeating: Double(1 << (bits - 1)), count: columns * blocks)
    if let given = node.optional(3) {
      let numbers = try node.constant(3, "the zero points")
      zeros = given.type.isInteger ? try unpacked(numbers, rows: columns, count: blocks) : numbers
      try node.require(zeros.count == columns * blocks, "the zero points do not fit")
    }
    var places = (0..<inner).map { $0 / size }
    try node.require(
      bits != 2 || node.optional(4) == nil, "groups (g_idx) of 2 bits are not supported")
    if node.optional(4) != nil { places = try node.integers(4, "the groups") }
    try node.require(
      places.count == inner && places.allSatisfy((0..<blocks).contains), "the groups do not fit")
    var matrix = [Double](repeating: 0, count: inner * columns)
    for column in 0..<columns {
      for row in 0..<inner {
        let block = column * blocks + places[row]
        matrix[row * columns + column] =
          (weights[column * blocks * size + row] - zeros[block]) * scales[block]
      }
    }
    let product = try node.matmul(x, Term(matrix, shape: [inner, columns]))
    return try node.optional(5).map { (bias) throws(ModelError) in
      try node.plus(product, bias)
    } ?? product
  }

  /// Distances of the rows of two matrices.
  private static func distances(
    _ node: NodeContext, _ a: Term, _ b: Term
  ) throws(ModelError) -> Term {
    try node.require(
      a.shape.count == 2 && b.shape.count == 2 && a.shape[1] == b.shape[1] && a.count > 0,
      "shapes \(a.shape) and \(b.shape) do not fit")
    let metric = node.text("metric", default: "sqeuclidean")
    try node.require(
      ["euclidean", "sqeuclidean"].contains(metric), "the metric \(metric) is not supported")
    let (rows, others, features) = (a.shape[0], b.shape[0], a.shape[1])
    let shape = [rows, others, features]
    try node.checkedCount(shape)
    let difference = try node.minus(
      node.expanded(a.reshaped([rows, 1, features]), to: shape),
      b.reshaped([1, others, features]))
    let squares = try node.sums(
      of: TensorShape.groups(shape, axes: [2]), in: node.product(difference, difference),
      shape: [rows, others])
    return metric == "euclidean" ? try node.apply(.squareRoot, squares) : squares
  }
}

extension NodeContext {
  /// An activation by its name, with the parameters that it needs.
  fileprivate func activated(
    _ x: Term, _ name: String, _ parameters: [Double]
  ) throws(ModelError) -> Term {
    func parameter(_ index: Int) throws(ModelError) -> Double {
      try require(index < parameters.count, "activation \(name) needs more parameters")
      return parameters[index]
    }
    switch name {
    case "": return x
    case "Relu": return try relu(x)
    case "Tanh": return try apply(.tanh, x)
    case "Sigmoid": return try apply(.sigmoid, x)
    case "Softplus": return try apply(.softplus, x)
    case "Silu": return try product(x, apply(.sigmoid, x))
    case "Softsign": return try quotient(x, scaled(absolute(x), by: 1, plus: 1))
    case "LeakyRelu": return try leaky(x, alpha: parameter(0))
    case "Elu": return try apply(.elu(alpha: parameter(0)), x)
    case "Selu": return try scaled(apply(.elu(alpha: parameter(0)), x), by: parameter(1))
    case "HardSigmoid": return try hardSigmoid(x, alpha: parameter(0), beta: parameter(1))
    case "Clip": return try clipped(x, low: parameter(0), high: parameter(1))
    case "ThresholdedRelu":
      return try select(compare(.less, Term(parameter(0)), x), x, Term(0)).typed(x.type)
    default: throw error("activation \(name) is not supported")
    }
  }
}
