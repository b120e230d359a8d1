extension Operators {
  /// Attention and what belongs to it.
  static let attention: [String: Translation] = [
    "Attention": { (node) throws(ModelError) in try AttentionHeads(node).outputs() },
    "RotaryEmbedding": one(rotary),
    "TensorScatter": one(cacheUpdate),
  ]

  /// Pairs of elements of each head, turned by the angle of their position.
  static func rotary(_ node: NodeContext) throws(ModelError) -> Term {
    let x = try node.operand(0)
    let isFlat = x.shape.count == 3
    try node.require(isFlat || x.shape.count == 4, "needs an input of rank 3 or 4")
    let heads = isFlat ? node.integer("num_heads", default: 0) : x.shape[1]
    try node.require(
      heads > 0 && x.count > 0 && (!isFlat || x.shape[2] % heads == 0),
      "\(heads) heads do not fit \(x.shape)")
    // Batch, time, head, element.
    let turned =
      isFlat
      ? x.reshaped([x.shape[0], x.shape[1], heads, x.shape[2] / heads])
      : try node.transposed(x, [0, 2, 1, 3])
    let (batch, time, size) = (turned.shape[0], turned.shape[1], turned.shape[3])
    let given = node.integer("rotary_embedding_dim", default: 0)
    let width = given == 0 ? size : given
    try node.require(width > 0 && width <= size && width % 2 == 0, "it turns \(width) of \(size)")
    let half = width / 2
    func angles(_ index: Int) throws(ModelError) -> Term {
      var cache = try node.operand(index)
      if let positions = node.optional(3) {
        try node.require(
          cache.shape.count == 2 && positions.shape == [batch, time], "the positions do not fit")
        cache = try node.rows(of: cache, at: positions)
      }
      try node.require(
        cache.shape == [batch, time, half], "input \(index) of shape \(cache.shape) does not fit")
      return cache.reshaped([batch, time, 1, half])
    }
    let (cosines, sines) = (try angles(1), try angles(2))
    let isInterleaved = node.flag("interleaved")
    let places = (0..<half).map { isInterleaved ? 2 * $0 : $0 }
    func part(_ places: [Int]) throws(ModelError) -> Term {
      try node.taken(turned, axis: 3, places, shape: [places.count])
    }
    let first = try part(places)
    let second = try part(places.map { $0 + (isInterleaved ? 1 : half) })
    let real = try node.minus(node.product(cosines, first), node.product(sines, second))
    let imaginary = try node.plus(node.product(sines, first), node.product(cosines, second))
    var parts = [real, imaginary]
    if width < size { parts.append(try part(Array(width..<size))) }
    var result = try node.concatenated(parts, axis: 3)
    if isInterleaved {
      let order = (0..<width).map { $0 / 2 + ($0 % 2) * half } + Array(width..<size)
      result = try node.taken(result, axis: 3, order, shape: [size])
    }
    return isFlat ? result.reshaped(x.shape) : try node.transposed(result, [0, 2, 1, 3])
  }

  /// A cache with new entries written at known places of an axis.
  private static func cacheUpdate(_ node: NodeContext) throws(ModelError) -> Term {
    let (cache, update) = (try node.operand(0), try node.operand(1))
    let axis = try node.axis(default: -2, rank: cache.shape.count)
    var expected = cache.shape
    expected[axis] = update.shape.count == cache.shape.count ? update.shape[axis] : 0
    try node.require(
      axis > 0 && update.shape == expected && update.shape[axis] <= cache.shape[axis],
      "an update of shape \(update.shape) does not fit \(cache.shape)")
    let starts =
      node.optional(2) == nil
      ? [Int](repeating: 0, count: cache.shape[0]) : try node.integers(2, "the places")
    let mode = node.text("mode", default: "linear")
    let (size, count) = (cache.shape[axis], update.shape[axis])
    try node.require(
      starts.count == cache.shape[0] && ["linear", "circular"].contains(mode)
        && starts.allSatisfy { $0 >= 0 && (mode == "circular" || $0 <= size - count) },
      "the places \(starts.prefix(8)) do not fit")
    let (strides, own) = (TensorShape.strides(cache.shape), TensorShape.strides(update.shape))
    let elements = (0..<cache.count).map { element in
      let index = cache.shape.indices.map { element / strides[$0] % cache.shape[$0] }
      let place = ((index[axis] - starts[index[0]]) % size + size) % size
      guard place < count else { return element }
      return cache.count
        + index.indices.reduce(0) { $0 + ($1 == axis ? place : index[$1]) * own[$1] }
    }
    return try node.picking(elements, of: [cache, update], shape: cache.shape)
  }
}

extension NodeContext {
  /// The rows of a matrix at places, in the places' shape.
  func rows(of matrix: Term, at places: Term) throws(ModelError) -> Term {
    let (size, width) = (matrix.shape[0], matrix.shape[1])
    if let known = places.known?.reals {
      return try taken(
        matrix, axis: 0, known.map { Int(clamping: $0) }, shape: places.shape)
    }
    try checkedCount(places.shape + [width])
    let picks = (0..<places.count).flatMap { index in
      (0..<width).map { Graph.Pick(index: index, start: $0, stride: width, count: size) }
    }
    return try recorder.record(
      .gather(picks: picks), [matrix, places], shape: places.shape + [width], type: matrix.type)
  }
}

/// Queries, keys and values of an attention by batch, head, time and element.
private struct AttentionHeads {
  private let node: NodeContext
  private let isFlat: Bool
  private let query: Term
  private let key: Term
  private let value: Term
  /// Keys that were there before the first query.
  private var past = 0

  init(_ node: NodeContext) throws(ModelError) {
    self.node = node
    let operands = [try node.operand(0), try node.operand(1), try node.operand(2)]
    let isFlat = operands[0].shape.count == 3
    self.isFlat = isFlat
    func split(_ term: Term, _ name: String) throws(ModelError) -> Term {
      guard isFlat else {
        try node.require(term.shape.count == 4, "\(name) is not of rank 4")
        return term
      }
      let heads = node.integer(name, default: 0)
      try node.require(
        term.shape.count == 3 && heads > 0 && term.shape[2] % heads == 0,
        "\(name) \(heads) does not fit \(term.shape)")
      return try node.transposed(
        term.reshaped([term.shape[0], term.shape[1], heads, term.shape[2] / heads]), [0, 2, 1, 3])
    }
    query = try split(operands[0], "q_num_heads")
    var (key, value) = (
      try split(operands[1], "kv_num_heads"), try split(operands[2], "kv_num_heads")
    )
    if let pastKey = node.optional(4), let pastValue = node.optional(5) {
      try node.require(pastKey.shape.count == 4, "the past is not of rank 4")
      past = pastKey.shape[2]
      key = try node.concatenated([pastKey, key], axis: 2)
      value = try node.concatenated([pastValue, value], axis: 2)
    }
    (self.key, self.value) = (key, value)
    let (q, k, v) = (query.shape, key.shape, value.shape)
    try node.require(
      q[0] == k[0] && k[0] == v[0] && q[3] == k[3] && k[1] == v[1] && k[2] == v[2] && k[1] > 0
        && q[1] % k[1] == 0 && query.count > 0 && value.count > 0,
      "queries \(q), keys \(k) and values \(v) do not fit")
  }

  /// Result, keys, values and the scores that the attributes ask for.
  func outputs() throws(ModelError) -> [Term] {
    let type = query.type
    let (batch, heads, time, size) = (
      query.shape[0], query.shape[1], query.shape[2], query.shape[3]
    )
    let scale = try node.float("scale", default: 1 / Double(size).squareRoot())
    let keys = try repeated(key)
    var scores = try node.scaled(
      node.matmul(query, node.transposed(keys, [0, 1, 3, 2])), by: scale)
    let mode = node.integer("qk_matmul_output_mode", default: 0)
    var shown = scores
    let cap = try node.float("softcap", default: 0)
    if cap > 0 {
      scores = try node.scaled(
        node.apply(.tanh, node.scaled(scores, by: 1 / cap)), by: cap)
      if mode == 1 { shown = scores }
    }
    let shape = [batch, heads, time, key.shape[2]]
    let allowed = try allowedKeys(shape)
    if let bias = try bias(shape) { scores = try node.plus(scores, bias) }
    let rows = try allowed.flatMap { (term) throws(ModelError) in try fullyMasked(term, shape) }
    let unmasked = scores
    if let allowed { scores = try masked(unmasked, by: allowed, shape) }
    if mode == 2 { shown = scores }
    if let allowed, let rows {
      // Rows without any key have no softmax: they get one of all keys here, and zeros below.
      scores = try masked(unmasked, by: node.plus(allowed, rows).typed(.bool), shape)
    }
    let (exponentials, sums, _) = try node.exponentials(scores, axes: [3])
    var weights = try node.quotient(exponentials, sums)
    // Where no key is allowed all weights are 0, not equal.
    if let rows { weights = try node.select(rows, Term(0), weights).typed(type) }
    if mode == 3 { shown = weights }
    var result = try node.matmul(weights, repeated(value))
    if isFlat {
      result = try node.transposed(result, [0, 2, 1, 3])
        .reshaped([batch, time, heads * value.shape[3]])
    }
    return [result, key, value, shown].map { $0.typed(type) }
  }

  /// Scores that are minus infinity where a key is not allowed.
  private func masked(
    _ scores: Term, by allowed: Term, _ shape: [Int]
  ) throws(ModelError) -> Term {
    let type = query.type
    // A step of its own, so that the mask is no part of an affine map, whose range would have to hold it.
    let mask = try node.expanded(Term(-.infinity, type: type), to: shape)
    return try node.recorder.record(
      .select, [allowed, node.expanded(scores, to: shape), mask], shape: shape, type: type)
  }

  /// Every head of keys or values as often as queries share it.
  private func repeated(_ term: Term) throws(ModelError) -> Term {
    let times = query.shape[1] / term.shape[1]
    guard times > 1 else { return term }
    return try node.taken(
      term, axis: 1, (0..<query.shape[1]).map { $0 / times }, shape: [query.shape[1]])
  }

  /// The mask as numbers that are added to the scores; nil if it has truth values, or there is none.
  private func bias(_ shape: [Int]) throws(ModelError) -> Term? {
    guard let mask = node.optional(3), mask.type != .bool else { return nil }
    return try node.expanded(padded(mask, to: shape[3], fill: -.infinity), to: shape)
  }

  /// A mask that is shorter than the keys, continued.
  private func padded(_ mask: Term, to count: Int, fill: Double) throws(ModelError) -> Term {
    guard let last = mask.shape.last, last < count else { return mask }
    // Whether one number is for the first key or for all is not what runtimes agree about.
    try node.require(last > 1, "a mask of shape \(mask.shape) does not fit \(count) keys")
    var shape = mask.shape
    shape[shape.count - 1] = count
    try node.checkedCount(shape)
    let elements = (0..<shape.reduce(1, *)).map { element -> Int? in
      let place = element % count
      return place < last ? element / count * last + place : nil
    }
    return try node.picking(elements, of: mask, shape: shape, fill: fill)
  }

  /// Which keys each query sees, by the mask, causality, windows, and the lengths of the sequences; nil if it is all.
  private func allowedKeys(_ shape: [Int]) throws(ModelError) -> Term? {
    let (batch, heads, time, count) = (shape[0], shape[1], shape[2], shape[3])
    var lengths: [Int]?
    if node.optional(6) != nil {
      let given = try node.integers(6, "the lengths")
      try node.require(
        given.count == batch && given.allSatisfy((0...count).contains),
        "the lengths do not fit \(batch) sequences of \(count) keys")
      lengths = given
    }
    let isCausal = node.flag("is_causal")
    // onnxruntime lets a single query see all keys then.
    try node.require(
      !isCausal || time > 1 || past == 0 || count == past + 1,
      "is_causal with a past, one query and several new keys is not supported; give a mask")
    let (left, right) = (
      node.integer("left_window_size", default: -1), node.integer("right_window_size", default: -1)
    )
    var allowed: Term?
    if isCausal || left >= 0 || right >= 0 || lengths != nil {
      try node.recorder.accountFolded([batch, time, count])
      var numbers: [Double] = []
      for image in 0..<batch {
        let offset = lengths.map { $0[image] - time } ?? past
        for query in 0..<time {
          for key in 0..<count {
            let distance = query + offset - key
            let isSeen =
              (!isCausal || distance >= 0) && (left < 0 || distance <= left)
              && (right < 0 || -distance <= right) && (lengths.map { key < $0[image] } ?? true)
            numbers.append(isSeen ? 1 : 0)
          }
        }
      }
      allowed = Term(numbers, shape: [batch, 1, time, count], type: .bool)
    }
    if let mask = node.optional(3), mask.type == .bool {
      let given = try padded(mask, to: count, fill: 0)
      allowed =
        try allowed.map { (known) throws(ModelError) in
          try node.product(known, given).typed(.bool)
        } ?? given
    }
    return try allowed.map { (term) throws(ModelError) in
      try node.expanded(term, to: [batch, heads, time, count])
    }
  }

  /// For every query whether it sees no key; nil if each sees one.
  private func fullyMasked(_ allowed: Term, _ shape: [Int]) throws(ModelError) -> Term? {
    let groups = TensorShape.groups(shape, axes: [3])
    let seen = try node.sums(of: groups, in: allowed, shape: Array(shape.dropLast()) + [1])
    if let known = seen.known?.reals, !known.contains(0) { return nil }
    return try node.compare(.equal, seen, Term(0))
  }
}
