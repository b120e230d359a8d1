extension Operators {
  /// Pooling over sliding windows or whole images.
  static let pooling: [String: Translation] = [
    "MaxPool": maxPool, "AveragePool": one(averagePool), "LpPool": one(lpPool),
    "GlobalMaxPool": unary { (node, x) throws(ModelError) in
      let (planes, shape) = try node.images(x)
      return try node.maximum(planes, in: x, shape: shape)
    },
    "GlobalAveragePool": unary { (node, x) throws(ModelError) in
      let (planes, shape) = try node.images(x)
      return try node.means(of: planes, in: x, shape: shape)
    },
    "GlobalLpPool": unary { (node, x) throws(ModelError) in
      let (planes, shape) = try node.images(x)
      return try node.norm(planes, in: x, p: node.integer("p", default: 2), shape: shape)
    },
  ]

  /// The elements under each window, padding left out, and the windows' geometry.
  private static func windows(
    _ node: NodeContext
  ) throws(ModelError) -> (window: SlidingWindow, elements: [[Int]], shape: [Int]) {
    let x = try node.operand(0)
    try node.require(x.shape.count >= 3, "needs an input of rank 3 or more")
    guard let kernel = node.integers("kernel_shape") else {
      throw node.error("kernel_shape is missing")
    }
    let window = try SlidingWindow(node, kernel: kernel, input: Array(x.shape.dropFirst(2)))
    let shape = Array(x.shape.prefix(2)) + window.output
    try node.checkEntries(try node.checkedCount(shape), kernel.reduce(1, *))
    let taps = window.positions.map { window.taps(of: $0).compactMap { $0 } }
    try node.require(taps.allSatisfy { !$0.isEmpty }, "a window lies in the padding alone")
    let plane = window.input.reduce(1, *)
    let elements = (0..<x.shape[0] * x.shape[1]).flatMap { index in
      taps.map { $0.map { index * plane + $0 } }
    }
    return (window, elements, shape)
  }

  private static func maxPool(_ node: NodeContext) throws(ModelError) -> [Term] {
    let (window, elements, shape) = try windows(node)
    let x = try node.operand(0)
    let largest = try node.maximum(elements, in: x, shape: shape)
    guard node.wants(output: 1) else { return [largest] }
    // The second output numbers the elements of the input, with the last two axes swapped if asked.
    let longest = elements.map(\.count).max() ?? 1
    var numbers = Array(0..<x.count)
    if node.integer("storage_order", default: 0) != 0 {
      let plane = window.input.reduce(1, *)
      let order = TensorShape.strides(window.input.reversed()).reversed()
      let columnMajor = TensorShape.elements(shape: window.input, strides: Array(order))
      numbers = numbers.map { $0 / plane * plane + columnMajor[$0 % plane] }
    }
    let place = try node.recorder.record(
      .argmax(groups: elements, last: false), [x], shape: shape, type: .int64)
    let hot = try node.oneHot(place, size: longest)
    var map = RealMap(inputCount: hot.count)
    for (index, window) in elements.enumerated() {
      for (tap, element) in window.enumerated() {
        map.add(index * longest + tap, Double(numbers[element]))
      }
      map.endRow()
    }
    return [largest, try node.affine(map, [hot], shape: shape, type: .int64)]
  }

  private static func averagePool(_ node: NodeContext) throws(ModelError) -> Term {
    try averagePool(node, of: node.operand(0))
  }

  /// The average of a term under each of the node's windows.
  ///
  /// - Parameter isWhole: whether `count_include_pad` counts all places of a window, also those that `ceil_mode` puts behind
  ///   the padding.
  static func averagePool(
    _ node: NodeContext, of x: Term, isWhole: Bool = false
  ) throws(ModelError) -> Term {
    let (window, elements, shape) = try windows(node)
    let positions = window.positions
    let whole = window.kernel.reduce(1, *)
    let counts = elements.enumerated().map { index, places in
      guard node.flag("count_include_pad") else { return places.count }
      return isWhole ? whole : window.paddedTaps(of: positions[index % positions.count])
    }
    guard x.type != .double else {
      return try node.quotient(
        node.sums(of: elements, in: x, shape: shape),
        Term(counts.map(Double.init), shape: shape, type: x.type))
    }
    var map = RealMap(inputCount: x.count)
    for (places, count) in zip(elements, counts) {
      for place in places { map.add(place, 1 / Double(count)) }
      map.endRow()
    }
    return try node.affine(map, [x], shape: shape)
  }

  private static func lpPool(_ node: NodeContext) throws(ModelError) -> Term {
    let (_, elements, shape) = try windows(node)
    return try node.norm(
      elements, in: node.operand(0), p: node.integer("p", default: 2), shape: shape)
  }
}

extension NodeContext {
  /// The elements of every image (batch, channel), and the shape with one element for each.
  func images(_ x: Term) throws(ModelError) -> (planes: [[Int]], shape: [Int]) {
    try require(x.shape.count >= 3 && x.count > 0, "needs an input of rank 3 or more")
    let axes = Array(2..<x.shape.count)
    return (
      TensorShape.groups(x.shape, axes: axes),
      TensorShape.reduced(x.shape, axes: axes, keeping: true)
    )
  }

  /// The p-norm of each group of elements.
  func norm(_ groups: [[Int]], in x: Term, p: Int, shape: [Int]) throws(ModelError) -> Term {
    try require((1...16).contains(p), "a norm of order \(p) is not supported")
    if p == 1 { return try sums(of: groups, in: absolute(x), shape: shape) }
    if p > 2 { return try scaledNorm(groups, in: absolute(x), p: p, shape: shape) }
    let base = p % 2 == 0 ? x : try absolute(x)
    let total = try sums(of: groups, in: power(base, Double(p)), shape: shape)
    return try power(total, 1 / Double(p))
  }

  /// m times the norm of the elements divided by m, the largest of them: powers of small numbers would leave no digits.
  private func scaledNorm(
    _ groups: [[Int]], in x: Term, p: Int, shape: [Int]
  ) throws(ModelError) -> Term {
    let largest = try maximum(groups, in: x, shape: [groups.count])
    let divisor = try plus(largest, compare(.equal, largest, Term(0))).typed(x.type)
    let owners = groups.indices.flatMap { group in groups[group].map { _ in group } }
    let parts = try quotient(
      picking(groups.flatMap { $0 }, of: x, shape: [owners.count]),
      picking(owners, of: divisor, shape: [owners.count]))
    var starts = 0
    let ranges = groups.map { group in
      defer { starts += group.count }
      return Array(starts..<starts + group.count)
    }
    let total = try sums(of: ranges, in: power(parts, Double(p)), shape: [groups.count])
    // The largest part is 1, or all are 0.
    let root = try apply(.power(1 / Double(p)), clipped(total, low: 1, high: nil))
    return try product(largest, root).reshaped(shape)
  }
}
