extension Operators {
  /// Reading and writing at places that an operand names, known or computed.
  ///
  /// A computed place becomes a row with a single 1; reading is then a product with that row, and writing a choice
  /// by its elements.
  static let indexing: [String: Translation] = [
    "Gather": binary(gather), "GatherElements": binary(gatherElements),
    "GatherND": binary(gatherND), "Scatter": one(scatterElements),
    "ScatterElements": one(scatterElements), "ScatterND": one(scatterND), "OneHot": one(oneHot),
  ]

  private static func gather(
    _ node: NodeContext, _ x: Term, _ indices: Term
  ) throws(ModelError) -> Term {
    let axis = try node.axis(default: 0, rank: x.shape.count)
    let size = x.shape[axis]
    if indices.known != nil {
      return try node.taken(
        x, axis: axis, node.knownPlaces(indices, size: size), shape: indices.shape)
    }
    let target = Array(x.shape[..<axis]) + indices.shape + Array(x.shape[(axis + 1)...])
    try node.checkedCount(target)
    try node.checkedCount([indices.count, size])
    let stride = TensorShape.strides(x.shape)[axis]
    let picks = (0..<x.shape[..<axis].reduce(1, *)).flatMap { outer in
      (0..<indices.count).flatMap { index in
        (0..<stride).map {
          Graph.Pick(
            index: index, start: outer * size * stride + $0, stride: stride, count: size)
        }
      }
    }
    return try node.read(x, at: indices, size: size, picks, shape: target)
  }

  private static func gatherElements(
    _ node: NodeContext, _ x: Term, _ indices: Term
  ) throws(ModelError) -> Term {
    let axis = try node.axis(default: 0, rank: x.shape.count)
    let lines = try node.lines(x, under: indices.shape, axis: axis)
    let size = x.shape[axis]
    let stride = TensorShape.strides(x.shape)[axis]
    if indices.known != nil {
      let places = try node.knownPlaces(indices, size: size)
      return try node.picking(
        places.indices.map { lines[$0] + places[$0] * stride }, of: x, shape: indices.shape)
    }
    let picks = lines.indices.map {
      Graph.Pick(index: $0, start: lines[$0], stride: stride, count: size)
    }
    return try node.read(x, at: indices, size: size, picks, shape: indices.shape)
  }

  private static func gatherND(
    _ node: NodeContext, _ x: Term, _ indices: Term
  ) throws(ModelError) -> Term {
    let batch = node.integer("batch_dims", default: 0)
    let tuples = try node.tuples(x, indices, batch: batch)
    let lead = indices.shape.dropLast()
    let shape = Array(lead) + Array(x.shape.dropFirst(batch + tuples.depth))
    try node.checkedCount(shape)
    let inner = x.shape.dropFirst(batch + tuples.depth).reduce(1, *)
    let perBatch = max(1, lead[batch...].reduce(1, *))
    let origin = { (tuple: Int) in tuple / perBatch * tuples.size * inner }
    if let places = tuples.known {
      let elements = places.indices.flatMap { tuple in
        (0..<inner).map { origin(tuple) + places[tuple] * inner + $0 }
      }
      return try node.picking(elements, of: x, shape: shape)
    }
    let picks = (0..<tuples.places.count * inner).map { element in
      Graph.Pick(
        index: element / inner, start: origin(element / inner) + element % inner, stride: inner,
        count: tuples.size)
    }
    return try node.read(x, at: tuples.places, size: tuples.size, picks, shape: shape)
  }

  private static func scatterElements(_ node: NodeContext) throws(ModelError) -> Term {
    let (x, indices, updates) = (
      try node.operand(0), try node.operand(1), try node.operand(2)
    )
    let axis = try node.axis(default: 0, rank: x.shape.count)
    try node.require(indices.shape == updates.shape, "indices and updates have different shapes")
    let lines = try node.lines(x, under: indices.shape, axis: axis)
    let stride = TensorShape.strides(x.shape)[axis]
    // Updates of different lines go to different elements; those of one line are written one after the other.
    let order = TensorShape.groups(indices.shape, axes: [axis])
    let rounds = (0..<indices.shape[axis]).map { round in order.map { $0[round] } }
    return try node.write(
      updates, to: x, at: indices, size: x.shape[axis], rounds: rounds
    ) { element, place in [(lines[element] + place * stride, element)] }
  }

  private static func scatterND(_ node: NodeContext) throws(ModelError) -> Term {
    let (x, indices, updates) = (
      try node.operand(0), try node.operand(1), try node.operand(2)
    )
    let tuples = try node.tuples(x, indices, batch: 0)
    let inner = x.shape.dropFirst(tuples.depth).reduce(1, *)
    try node.require(
      updates.shape == Array(indices.shape.dropLast()) + Array(x.shape.dropFirst(tuples.depth)),
      "updates of shape \(updates.shape) do not fit")
    return try node.write(
      updates, to: x, at: tuples.places, size: tuples.size,
      rounds: (0..<tuples.places.count).map { [$0] }
    ) { tuple, place in
      (0..<inner).map { (place * inner + $0, tuple * inner + $0) }
    }
  }

  private static func oneHot(_ node: NodeContext) throws(ModelError) -> Term {
    let indices = try node.operand(0)
    let depth = Int(clamping: try node.scalar(1, "the depth"))
    try node.require((1...1 << 24).contains(depth), "a depth of \(depth)")
    let values = try node.operand(2)
    try node.require(values.count == 2, "values has not two elements")
    let axis = try node.axis(default: -1, rank: indices.shape.count + 1)
    try node.checkedCount(indices.shape + [depth])
    // Places outside the depth give a row of zeros, so that elements are compared.
    let places = try node.nonnegative(indices, size: depth)
    let numbers = Term((0..<depth).map(Double.init), shape: [depth], type: indices.type)
    let hits = try node.compare(.equal, places.reshaped(places.shape + [1]), numbers)
    var order = Array(indices.shape.indices)
    order.insert(indices.shape.count, at: axis)
    let result: Term
    if let known = values.constant, known.allSatisfy(\.isFinite),
      abs(known[1] - known[0]) < Numbers.exactDouble
    {
      result =
        known == [0, 1] ? hits : try node.scaled(hits, by: known[1] - known[0], plus: known[0])
    } else {
      let off = try node.picking([0], of: values, shape: [])
      let on = try node.picking([1], of: values, shape: [])
      result = try node.plus(node.product(hits, node.minus(on, off)), off)
    }
    return try node.transposed(result, order).typed(values.type)
  }
}

/// Index tuples of GatherND and ScatterND as single places.
private struct IndexTuples {
  /// Axes that a tuple indexes, and the number of places they make.
  var depth: Int
  var size: Int
  /// One place per tuple, as far as it is known, and in any case as a term.
  var known: [Int]?
  var places: Term
}

extension NodeContext {
  /// Known places along a dimension, where negative ones count from the end.
  fileprivate func knownPlaces(_ indices: Term, size: Int) throws(ModelError) -> [Int] {
    let places = (indices.known?.reals ?? []).map { number in
      let place = Int(clamping: number)
      return place < 0 ? place + size : place
    }
    try require(
      places.allSatisfy((0..<size).contains), "an index is outside a dimension of \(size)")
    return places
  }

  /// For each element of indices over x, the element of x at place 0 of its line along the axis.
  fileprivate func lines(
    _ x: Term, under shape: [Int], axis: Int
  ) throws(ModelError) -> [Int] {
    try require(
      shape.count == x.shape.count
        && shape.indices.allSatisfy { $0 == axis || shape[$0] <= x.shape[$0] },
      "indices of shape \(shape) do not fit \(x.shape)")
    var strides = TensorShape.strides(x.shape)
    strides[axis] = 0
    return TensorShape.elements(shape: shape, strides: strides)
  }

  fileprivate func tuples(
    _ x: Term, _ indices: Term, batch: Int
  ) throws(ModelError) -> IndexTuples {
    let depth = indices.shape.last ?? 0
    try require(
      depth >= 1 && batch >= 0 && batch < indices.shape.count && batch + depth <= x.shape.count
        && Array(x.shape.prefix(batch)) == Array(indices.shape.prefix(batch)),
      "indices of shape \(indices.shape) do not fit \(x.shape)")
    let sizes = Array(x.shape[batch..<batch + depth])
    let strides = TensorShape.strides(sizes)
    var places: Term?
    let count = indices.count / depth
    for axis in 0..<depth {
      var column = try picking(
        (0..<count).map { $0 * depth + axis }, of: indices, shape: [count])
      if column.known != nil {
        let known = try knownPlaces(column, size: sizes[axis])
        column = Term(known.map(Double.init), shape: [count], type: indices.type)
      } else {
        column = try nonnegative(column, size: sizes[axis])
        // One place of all axes together does not tell whether each of them is in its own.
        if depth > 1 {
          column = try recorder.record(
            .confine(0...Int128(sizes[axis] - 1)), [column], shape: [count], type: .int64)
        }
      }
      let part = try scaled(column, by: Double(strides[axis]))
      places = try places.map { (sum) throws(ModelError) in try plus(sum, part) } ?? part
    }
    return IndexTuples(
      depth: depth, size: sizes.reduce(1, *), known: places!.constant?.map { Int($0) },
      places: places!)
  }

  /// What stands in x at computed places, of which negative ones count from the end of `size`.
  fileprivate func read(
    _ x: Term, at indices: Term, size: Int, _ picks: [Graph.Pick], shape: [Int]
  ) throws(ModelError) -> Term {
    try require(size > 0, "it reads from an empty dimension")
    return try recorder.record(
      .gather(picks: picks), [x, nonnegative(indices, size: size)], shape: shape, type: x.type)
  }

  /// x with updates written in rounds, where the writes of one round go to different elements.
  ///
  /// - Parameter targets: the elements of x and of the updates that an index writes at a place.
  fileprivate func write(
    _ updates: Term, to x: Term, at places: Term, size: Int, rounds: [[Int]],
    targets: (Int, Int) -> [(target: Int, update: Int)]
  ) throws(ModelError) -> Term {
    let reduction = text("reduction", default: "none")
    try require(
      ["none", "add", "mul", "max", "min"].contains(reduction), "unknown reduction \(reduction)")
    try checkEntries(rounds.count, x.count)
    let known = places.known == nil ? nil : try knownPlaces(places, size: size)
    let rows = known == nil ? try oneHot(places.reshaped([places.count]), size: size) : nil
    var result = x.reshaped([x.count])
    for round in rounds {
      // The update of each element, and where in the rows stands whether it is written.
      var update = [Int?](repeating: nil, count: x.count)
      var flag = [Int?](repeating: nil, count: x.count)
      for index in round {
        for place in known.map({ [$0[index]] }) ?? Array(0..<size) {
          for (target, source) in targets(index, place) {
            update[target] = source
            flag[target] = index * size + place
          }
        }
      }
      let written = x.count == 0 ? [] : (0..<x.count).filter { update[$0] != nil }
      guard !written.isEmpty else { continue }
      let old = try picking(written, of: result, shape: [written.count])
      let new = try picking(
        written.map { update[$0]! }, of: updates.reshaped([updates.count]),
        shape: [written.count])
      var value = try combined(old, new, reduction)
      if let rows {
        let flags = try picking(
          written.map { flag[$0]! }, of: rows.reshaped([rows.count]), shape: [written.count])
        value = try select(flags, value, old)
      }
      var order = Array(0..<x.count)
      for (place, element) in written.enumerated() { order[element] = x.count + place }
      result = try picking(order, of: [result, value], shape: [x.count])
    }
    return result.reshaped(x.shape).typed(x.type)
  }

  private func combined(
    _ old: Term, _ new: Term, _ reduction: String
  ) throws(ModelError) -> Term {
    switch reduction {
    case "add": try plus(old, new)
    case "mul": try product(old, new)
    case "max": try maximum([old, new])
    case "min": try negated(maximum([negated(old), negated(new)]))
    default: new
    }
  }
}
