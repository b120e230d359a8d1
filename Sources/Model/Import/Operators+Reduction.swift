extension Operators {
  /// Reductions over axes, running sums, and places of largest elements.
  static let reductions: [String: Translation] = [
    "ReduceSum": reduction { (node, x, groups, shape) throws(ModelError) in
      try node.sums(of: groups, in: x, shape: shape)
    },
    "ReduceMean": reduction { (node, x, groups, shape) throws(ModelError) in
      guard x.type.isInteger else {
        return try node.means(of: groups, in: x, shape: shape)
      }
      return try node.quotient(
        node.sums(of: groups, in: x, shape: shape),
        Term(Double(groups[0].count), type: x.type), .truncated)
    },
    "ReduceMax": reduction { (node, x, groups, shape) throws(ModelError) in
      try node.maximum(groups, in: x, shape: shape)
    },
    "ReduceMin": reduction { (node, x, groups, shape) throws(ModelError) in
      try node.negated(node.maximum(groups, in: node.negated(x), shape: shape))
    },
    "ReduceProd": reduction(products),
    "ReduceL1": reduction { (node, x, groups, shape) throws(ModelError) in
      try node.norm(groups, in: x, p: 1, shape: shape)
    },
    "ReduceL2": reduction { (node, x, groups, shape) throws(ModelError) in
      try node.norm(groups, in: x, p: 2, shape: shape)
    },
    "ReduceSumSquare": reduction { (node, x, groups, shape) throws(ModelError) in
      try node.sums(of: groups, in: node.product(x, x), shape: shape)
    },
    "ReduceLogSum": reduction { (node, x, groups, shape) throws(ModelError) in
      try node.apply(.log, node.sums(of: groups, in: x, shape: shape))
    },
    "ReduceLogSumExp": reduction(logSumExp),
    "ArgMax": unary { (node, x) throws(ModelError) in try place(node, x) },
    "ArgMin": unary { (node, x) throws(ModelError) in try place(node, node.negated(x)) },
    "CumSum": unary(runningSum), "CumProd": unary(runningProduct), "TopK": topK,
  ]

  private static func reduction(
    _ reduce: @escaping @Sendable (NodeContext, Term, [[Int]], [Int]) throws(ModelError) -> Term
  ) -> Translation {
    unary { (node, x) throws(ModelError) in
      let given = try node.integers(attribute: "axes", orInput: 1) ?? []
      if given.isEmpty, node.flag("noop_with_empty_axes") { return try ofSingles(node, x) }
      let all = Array(x.shape.indices)
      let axes = given.isEmpty ? all : try node.axes(given, rank: x.shape.count)
      let groups = TensorShape.groups(x.shape, axes: axes)
      let keeping = node.flag("keepdims", default: true)
      guard let first = groups.first, !first.isEmpty else {
        return try ofNothing(
          node, x, TensorShape.reduced(x.shape, axes: axes, keeping: keeping))
      }
      return try reduce(
        node, x, groups, TensorShape.reduced(x.shape, axes: axes, keeping: keeping)
      ).typed(x.type)
    }
  }

  /// What a reduction makes of groups of one element each: of most the element, which onnxruntime and ONNX's reference square,
  /// take the magnitude or the logarithm of nevertheless.
  private static func ofSingles(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    switch node.node.op {
    case "ReduceSumSquare": try node.product(x, x).typed(x.type)
    case "ReduceL1", "ReduceL2": try node.absolute(x)
    case "ReduceLogSum": try node.apply(.log, x)
    default: x
    }
  }

  /// What a reduction makes of groups without elements.
  private static func ofNothing(
    _ node: NodeContext, _ x: Term, _ shape: [Int]
  ) throws(ModelError) -> Term {
    let neutral: [String: Double?] = [
      "ReduceSum": 0, "ReduceL1": 0, "ReduceL2": 0, "ReduceSumSquare": 0, "ReduceProd": 1,
      "ReduceMax": x.type.lowest, "ReduceMin": x.type.highest,
    ]
    let count = try node.checkedCount(shape)
    guard let number = count == 0 ? 0 : neutral[node.node.op] ?? nil,
      count == 0 || abs(number) <= 0x1p53
    else {
      throw node.error("it reduces nothing, which gives no number; give it at least one element")
    }
    return Term([Double](repeating: number, count: count), shape: shape, type: x.type)
  }

  /// Products of pairs until one element per group is left.
  private static func products(
    _ node: NodeContext, _ x: Term, _ groups: [[Int]], _ shape: [Int]
  ) throws(ModelError) -> Term {
    var size = groups[0].count
    var rest = try node.picking(groups.flatMap { $0 }, of: x, shape: [groups.count, size])
    while size > 1 {
      let half = size / 2
      let first = try node.sliced(rest, axis: 1, 0..<half)
      let pairs = try node.product(first, node.sliced(rest, axis: 1, half..<2 * half))
      guard size % 2 == 1 else {
        (rest, size) = (pairs, half)
        continue
      }
      let last = try node.sliced(rest, axis: 1, size - 1..<size)
      rest = try node.concatenated([pairs, last], axis: 1)
      size = half + 1
    }
    return rest.reshaped(shape)
  }

  /// m + log(sum of exp(x - m)) with the largest element m.
  private static func logSumExp(
    _ node: NodeContext, _ x: Term, _ groups: [[Int]], _ shape: [Int]
  ) throws(ModelError) -> Term {
    let size = groups[0].count
    let elements = try node.picking(
      groups.flatMap { $0 }, of: x, shape: [groups.count, size])
    let rows = TensorShape.groups(elements.shape, axes: [1])
    let distances = try node.distances(rows, in: elements)
    let sums = try node.sums(
      of: rows, in: node.apply(.decay, distances), shape: [groups.count])
    let firsts = rows.map { $0[0] }
    let largest = try node.plus(
      node.picking(firsts, of: elements, shape: [groups.count]),
      node.picking(firsts, of: distances, shape: [groups.count]))
    return try node.plus(largest, node.apply(.log, sums)).reshaped(shape)
  }

  private static func place(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let axis = try node.axis(default: 0, rank: x.shape.count)
    try node.require(x.count > 0, "its operand is empty")
    return try node.recorder.record(
      .argmax(
        groups: TensorShape.groups(x.shape, axes: [axis]), last: node.flag("select_last_index")),
      [x],
      shape: TensorShape.reduced(
        x.shape, axes: [axis], keeping: node.flag("keepdims", default: true)), type: .int64)
  }

  private static func runningSum(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let axis = try node.axis(Int(clamping: node.scalar(1, "the axis")), rank: x.shape.count)
    let (exclusive, reverse) = (node.flag("exclusive"), node.flag("reverse"))
    let (size, stride) = (x.shape[axis], TensorShape.strides(x.shape)[axis])
    try node.checkEntries(x.count, size)
    var map = RealMap(inputCount: x.count)
    for element in 0..<x.count {
      let place = element / stride % size
      for other in 0..<size {
        let isBefore = reverse ? other > place : other < place
        if isBefore || (other == place && !exclusive) {
          map.add(element + (other - place) * stride, 1)
        }
      }
      map.endRow()
    }
    return try node.affine(map, [x], shape: x.shape)
  }

  private static func runningProduct(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let axis = try node.axis(Int(clamping: node.scalar(1, "the axis")), rank: x.shape.count)
    let (isExclusive, isReverse) = (node.flag("exclusive"), node.flag("reverse"))
    let size = x.shape[axis]
    try node.require(x.count > 0 && size <= 1 << 12, "it multiplies \(size) elements")
    let order = isReverse ? Array((0..<size).reversed()) : Array(0..<size)
    var parts = [Term?](repeating: nil, count: size)
    var product: Term?
    for place in order {
      let own = try node.sliced(x, axis: axis, place..<place + 1)
      let next = try product.map { (so) throws(ModelError) in try node.product(so, own) } ?? own
      let one = Term([Double](repeating: 1, count: own.count), shape: own.shape, type: x.type)
      parts[place] = isExclusive ? product ?? one : next
      product = next
    }
    return try node.concatenated(parts.map { $0!.typed(x.type) }, axis: axis)
  }

  private static func topK(_ node: NodeContext) throws(ModelError) -> [Term] {
    let x = try node.operand(0)
    let axis = try node.axis(default: -1, rank: x.shape.count)
    let count =
      try node.opset < 10 ? node.integer("k", default: 0) : Int(clamping: node.scalar(1, "k"))
    try node.require((1...max(1, x.shape[axis])).contains(count) && x.count > 0, "k is \(count)")
    try node.require(
      count == 1 || node.flag("sorted", default: true),
      "the order of its results is open (sorted is 0); set sorted to 1")
    let isLargest = node.flag("largest", default: true)
    let keys = isLargest ? x : try node.negated(x)
    // Groups stand with the axis last; the results are put back in place.
    let groups = TensorShape.groups(x.shape, axes: [axis])
    var shape = x.shape
    shape[axis] = count
    let inner = shape[(axis + 1)...].reduce(1, *)
    let order = (0..<groups.count * count).map { element in
      let (outer, rest) = (element / (count * inner), element % (count * inner))
      return (outer * inner + rest % inner) * count + rest / inner
    }
    let places = try node.recorder.record(
      .order(groups: groups, count: count), [keys], shape: [groups.count * count], type: .int64)
    let stride = TensorShape.strides(x.shape)[axis]
    let picks = groups.indices.flatMap { row in
      (0..<count).map {
        Graph.Pick(
          index: row * count + $0, start: groups[row][0], stride: stride, count: x.shape[axis])
      }
    }
    let values = try node.recorder.record(
      .gather(picks: picks), [x, places], shape: places.shape, type: x.type)
    return [
      try node.picking(order, of: values, shape: shape),
      try node.picking(order, of: places, shape: shape),
    ]
  }
}
