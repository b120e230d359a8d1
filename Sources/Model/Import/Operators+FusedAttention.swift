/// The attentions of onnxruntime's optimiser: the domain com.microsoft.
extension Operators {
  /// Attention with and without its projections, and the turning of positions.
  static let fusedAttention: [String: Translation] = [
    "Attention": { (node) throws(ModelError) in
      let (x, weights) = (try node.operand(0), try node.operand(1))
      let product = try node.matmul(x, weights)
      return try projected(
        node, product, bias: node.optional(2), mask: node.optional(3), past: node.optional(4),
        addition: node.optional(5))
    },
    "QAttention": { (node) throws(ModelError) in
      let x = try node.dequantized(node.operand(0), scale: 3, zero: 6, axis: -1)
      let weights = try node.dequantized(node.operand(1), scale: 4, zero: 7, axis: -1)
      return try projected(
        node, node.matmul(x, weights), bias: node.operand(2), mask: node.optional(5),
        past: node.optional(8), addition: nil)
    },
    "MultiHeadAttention": multiHead,
    "RotaryEmbedding": one { (node) throws(ModelError) in
      try node.require(
        !node.flag("is_packed_batching") && node.attribute("scale")?.float ?? 1 == 1,
        "packed batches and scales are not supported")
      let x = try node.operand(0)
      var positions = try node.operand(1)
      if positions.count == 1, x.shape.count >= 3 {
        // One number is where the sequences start.
        let (batch, time) = (x.shape[0], x.shape.count == 3 ? x.shape[1] : x.shape[2])
        positions = try node.plus(
          positions.reshaped([1, 1]),
          Term((0..<time).map(Double.init), shape: [1, time], type: positions.type))
        positions = try node.expanded(positions, to: [batch, time])
      }
      var own = node.node
      let cosines = try node.operand(2)
      if x.shape.count == 3, !node.flag("rotary_embedding_dim"), let half = cosines.shape.last {
        // The size of a head is that of the cache.
        try node.require(half > 0 && x.shape[2] % (2 * half) == 0, "its operands do not fit")
        own.attributes.removeAll { $0.name == "num_heads" }
        own.attributes.append(
          OnnxModel.Attribute(name: "num_heads", integer: Int64(x.shape[2] / (2 * half))))
      }
      let operands = [x, cosines, try node.operand(3), positions]
      return try rotary(
        NodeContext(
          node: own, name: node.name, opset: node.opset, operands: operands,
          recorder: node.recorder))
    },
  ]

  /// Attention of a projection whose last axis holds queries, keys and values one after the other.
  private static func projected(
    _ node: NodeContext, _ product: Term, bias: Term?, mask: Term?, past: Term?, addition: Term?
  ) throws(ModelError) -> [Term] {
    try node.require(
      !node.flag("do_rotary") && !node.flag("past_present_share_buffer"),
      "rotation and shared buffers are not supported")
    let all = try bias.map { (bias) throws(ModelError) in try node.plus(product, bias) } ?? product
    let heads = node.integer("num_heads", default: 0)
    try node.require(all.shape.count == 3 && heads > 0, "its operands do not fit")
    let width = all.shape[2]
    let sizes =
      node.integers("qkv_hidden_sizes") ?? [Int](repeating: width / 3, count: 3)
    try node.require(
      sizes.count == 3 && sizes.allSatisfy { $0 > 0 && $0 <= width && $0 % heads == 0 }
        && sizes[0] == sizes[1] && sizes.reduce(0, +) == width,
      "\(heads) heads do not fit \(width)")
    var parts: [Term] = []
    var start = 0
    for size in sizes {
      let part = try node.sliced(all, axis: 2, start..<start + size)
      parts.append(try node.heads(part, heads))
      start += size
    }
    if let past {
      try node.require(
        past.shape.count == 5 && past.shape[0] == 2, "the past has shape \(past.shape)")
      for index in 0..<2 {
        let own = try node.taken(past, axis: 0, [index], shape: [])
        parts[index + 1] = try node.concatenated([own, parts[index + 1]], axis: 2)
      }
    }
    let before = past?.shape[3] ?? 0
    let result = try node.attention(
      parts, past: before, mask: mask, addition: addition)
    guard node.wants(output: 1) else { return [result] }
    let present = parts[1...].map { $0.reshaped([1] + $0.shape) }
    return [result, try node.concatenated(present, axis: 0)]
  }

  private static func multiHead(_ node: NodeContext) throws(ModelError) -> [Term] {
    let heads = node.integer("num_heads", default: 0)
    try node.require(
      heads > 0 && node.optional(8) == nil && node.optional(9) == nil,
      "shared buffers are not supported")
    var parts: [Term] = []
    var start = 0
    for index in 0..<3 {
      var part = try node.operand(index)
      if part.shape.count == 4, index > 0 {
        // Keys and values of another sequence, by heads already.
        try node.require(node.optional(3) == nil, "keys by heads have no bias")
        parts.append(part)
        continue
      }
      try node.require(part.shape.count == 3, "packed operands are not supported")
      let size = part.shape[2]
      if let bias = node.optional(3) {
        try node.require(
          bias.shape.count == 1 && start + size <= bias.count, "the bias does not fit")
        part = try node.plus(part, node.sliced(bias, axis: 0, start..<start + size))
      }
      start += size
      parts.append(try node.heads(part, heads))
    }
    var past = 0
    if let key = node.optional(6), let value = node.optional(7) {
      try node.require(key.shape.count == 4 && value.shape.count == 4, "the past does not fit")
      past = key.shape[2]
      parts[1] = try node.concatenated([key, parts[1]], axis: 2)
      parts[2] = try node.concatenated([value, parts[2]], axis: 2)
    }
    let result = try node.attention(
      parts, past: past, mask: node.optional(4), addition: node.optional(5))
    return [result, parts[1], parts[2]]
  }
}

extension NodeContext {
  /// Batch, time and elements of all heads as batch, head, time and element.
  fileprivate func heads(_ x: Term, _ heads: Int) throws(ModelError) -> Term {
    try require(x.shape[2] % heads == 0, "\(heads) heads do not fit \(x.shape)")
    return try transposed(
      x.reshaped([x.shape[0], x.shape[1], heads, x.shape[2] / heads]), [0, 2, 1, 3])
  }

  /// The softmax of the products of queries and keys times the values, by batch, time and the elements of all heads.
  fileprivate func attention(
    _ parts: [Term], past: Int, mask: Term?, addition: Term?
  ) throws(ModelError) -> Term {
    let (q, k, v) = (parts[0].shape, parts[1].shape, parts[2].shape)
    try require(
      q.count == 4 && q[0] == k[0] && q[1] == k[1] && q[3] == k[3] && k[0] == v[0] && k[1] == v[1]
        && k[2] == v[2] && parts.allSatisfy { $0.count > 0 },
      "queries \(q), keys \(k) and values \(v) do not fit")
    let given = try float("scale", default: 0)
    let scale = given == 0 ? 1 / Double(q[3]).squareRoot() : given
    var scores = try scaled(matmul(parts[0], transposed(parts[1], [0, 1, 3, 2])), by: scale)
    let shape = [q[0], q[1], q[2], k[2]]
    if let addition {
      try require(
        TensorShape.broadcast(addition.shape, shape) == shape, "the addition does not fit \(shape)")
      scores = try plus(scores, addition)
    }
    // Keys after a query are never seen by it; a single query sees all.
    try require(
      !flag("unidirectional") || k[2] == past + q[2],
      "it is unidirectional, and \(q[2]) queries are not as many as the \(k[2] - past) keys")
    let isCausal = flag("unidirectional") && q[2] > 1
    let allowed = Term(
      (0..<q[2] * k[2]).map { !isCausal || $0 % k[2] <= past + $0 / k[2] ? 1 : 0 },
      shape: [1, 1, q[2], k[2]], type: .bool)
    let filter = try float("mask_filter_value", default: -10000)
    if let mask, filter > -1000 {
      scores = try plus(scores, scaled(not(seen(mask, shape)).typed(.float), by: filter))
    } else if let mask {
      let visible = try product(seen(mask, shape), allowed).typed(.bool)
      let none = try isEmpty(visible)
      if let none, filter < -0x1p20 {
        // Where all keys are masked, a number as large as that absorbs the scores.
        scores = try select(none, Term(0), scores).typed(scores.type)
      }
      let kept =
        try none.map { (none) throws(ModelError) in
          try select(none, allowed, visible).typed(.bool)
        } ?? visible
      scores = try masked(scores, kept, shape)
    }
    if isCausal, mask == nil || filter > -1000 { scores = try masked(scores, allowed, shape) }
    let (exponentials, sums, _) = try exponentials(scores, axes: [3])
    let result = try matmul(quotient(exponentials, sums), parts[2])
    return try transposed(result, [0, 2, 1, 3]).reshaped([q[0], q[2], v[1] * v[3]])
      .typed(parts[0].type)
  }

  /// Scores without the keys that are not kept, by a step of its own: were the mask part of an affine map, its range would
  /// have to hold it.
  private func masked(
    _ scores: Term, _ kept: Term, _ shape: [Int]
  ) throws(ModelError) -> Term {
    try recorder.record(
      .select,
      [
        expanded(kept, to: shape), expanded(scores, to: shape),
        expanded(Term(-.infinity, type: scores.type), to: shape),
      ], shape: shape, type: scores.type)
  }

  /// For every query whether nothing along the last axis is visible; nil where something always is.
  private func isEmpty(_ visible: Term) throws(ModelError) -> Term? {
    let last = visible.shape.count - 1
    let counts = try sums(
      of: TensorShape.groups(visible.shape, axes: [last]), in: visible,
      shape: TensorShape.reduced(visible.shape, axes: [last], keeping: true))
    if let known = counts.known?.reals, !known.contains(0) { return nil }
    return try compare(.equal, counts, Term(0))
  }

  /// Which keys are seen, in a shape that can be broadcast to batch, head, query and key.
  ///
  /// Masks have a number for each key, or for each query and key; else they are the ends of the sequences and, if there are
  /// twice as many, their starts.
  private func seen(_ mask: Term, _ shape: [Int]) throws(ModelError) -> Term {
    let (batch, time, count) = (shape[0], shape[2], shape[3])
    switch mask.shape {
    case [batch, count]:
      return try compare(.less, Term(0), mask.reshaped([batch, 1, 1, count]))
    case [batch, time, count]:
      return try compare(.less, Term(0), mask.reshaped([batch, 1, time, count]))
    case [batch], [2 * batch]:
      let places = Term((0..<count).map(Double.init), shape: [1, 1, 1, count], type: mask.type)
      func part(_ first: Int) throws(ModelError) -> Term {
        try sliced(mask, axis: 0, first..<first + batch).reshaped([batch, 1, 1, 1])
      }
      let isBefore = try compare(.less, places, part(0))
      guard mask.count == 2 * batch else { return isBefore }
      return try product(isBefore, not(compare(.less, places, part(batch)))).typed(.bool)
    default: throw error("a mask of shape \(mask.shape) is not supported")
    }
  }
}
