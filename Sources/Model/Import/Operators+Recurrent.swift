extension Operators {
  /// Recurrent networks, unrolled over time.
  static let recurrent: [String: Translation] = [
    "RNN": recurrent(gates: 1, RecurrentCell.plain), "GRU": recurrent(gates: 3, RecurrentCell.gru),
    "LSTM": recurrent(gates: 4, RecurrentCell.lstm),
  ]

  private typealias Step =
    @Sendable (RecurrentCell, Term, RecurrentState) throws(ModelError) -> RecurrentState

  private static func recurrent(gates: Int, _ step: @escaping Step) -> Translation {
    { (node) throws(ModelError) in
      let layout = node.integer("layout", default: 0)
      var x = try node.operand(0)
      try node.require(x.shape.count == 3, "needs an input of rank 3")
      if layout == 1 { x = try node.transposed(x, [1, 0, 2]) }
      let (time, batch) = (x.shape[0], x.shape[1])
      try node.require(time > 0 && time <= 1 << 12, "a sequence of \(time) steps")
      let direction = node.text("direction", default: "forward")
      let directions: [Bool]
      switch direction {
      case "forward": directions = [false]
      case "reverse": directions = [true]
      case "bidirectional": directions = [false, true]
      default: throw node.error("unknown direction \(direction)")
      }
      let lengths = try node.sequenceLengths(time: time, batch: batch)
      var outputs: [[Term]] = []
      var last: [RecurrentState] = []
      for (index, isReverse) in directions.enumerated() {
        let cell = try RecurrentCell(
          node, direction: index, of: directions.count, gates: gates, inputs: x.shape[2])
        var state = try cell.initialState(batch: batch, layout: layout)
        var all = [Term?](repeating: nil, count: time)
        for place in isReverse ? (0..<time).reversed() : Array(0..<time) {
          let input = try node.sliced(x, axis: 0, place..<place + 1)
            .reshaped([batch, x.shape[2]])
          let next = try step(cell, input, state)
          // Where a sequence has ended the state stays, and the output is 0.
          let active = lengths.map { place < $0 ? 1.0 : 0 }
          let mask = Term(active, shape: [batch, 1], type: .bool)
          all[place] = try node.select(mask, next.hidden, Term(0))
          state.hidden = try node.select(mask, next.hidden, state.hidden)
          state.cell = try node.select(mask, next.cell, state.cell)
        }
        outputs.append(all.map { $0! })
        last.append(state)
      }
      return try node.recurrentOutputs(outputs, last, layout: layout)
    }
  }
}

/// Hidden state and, for an LSTM, cell state; batch x hidden size each.
private struct RecurrentState {
  var hidden: Term
  var cell: Term
}

/// The parameters of one direction of a recurrent network.
private struct RecurrentCell {
  private let node: NodeContext
  private let direction: Int
  private let hidden: Int
  /// Transposed weights and the biases of each gate.
  private var inputWeights: [Term] = []
  private var hiddenWeights: [Term] = []
  private var inputBiases: [Term] = []
  private var hiddenBiases: [Term] = []
  /// Of an LSTM: how the cell state enters the gates i, o, f.
  private var peepholes: [Term] = []
  private var activations: [(name: String, alpha: Double?, beta: Double?)] = []
  private let clip: Double?

  init(
    _ node: NodeContext, direction: Int, of directions: Int, gates: Int, inputs: Int
  ) throws(ModelError) {
    self.node = node
    self.direction = direction
    let (w, r) = (try node.operand(1), try node.operand(2))
    try node.require(r.shape.count == 3, "the recurrence weights have no rank of 3")
    let size = r.shape[2]
    hidden = size
    try node.require(
      w.shape == [directions, gates * size, inputs] && r.shape == [directions, gates * size, size]
        && node.integer("hidden_size", default: size) == size && size > 0,
      "weights of shapes \(w.shape) and \(r.shape) do not fit")
    let bias = node.optional(3)
    try node.require(
      bias.map { $0.shape == [directions, 2 * gates * size] } ?? true, "the bias does not fit")
    func part(
      _ term: Term, _ first: Int, _ rows: Int, _ width: Int
    ) throws(ModelError) -> Term {
      let perDirection = term.count / directions
      let start = direction * perDirection + first * width
      let elements = (0..<width).flatMap { column in
        (0..<rows).map { start + $0 * width + column }
      }
      return try node.picking(elements, of: term, shape: width == 1 ? [rows] : [width, rows])
    }
    for gate in 0..<gates {
      inputWeights.append(
        try part(w, gate * size, size, inputs).reshaped([inputs, size]))
      hiddenWeights.append(try part(r, gate * size, size, size).reshaped([size, size]))
      guard let bias else {
        inputBiases.append(Term(0))
        hiddenBiases.append(Term(0))
        continue
      }
      inputBiases.append(try part(bias, gate * size, size, 1))
      hiddenBiases.append(try part(bias, (gates + gate) * size, size, 1))
    }
    if node.node.op == "LSTM", let p = node.optional(7) {
      try node.require(p.shape == [directions, 3 * size], "the peepholes do not fit")
      for gate in 0..<3 { peepholes.append(try part(p, gate * size, size, 1)) }
    }
    let limit = try node.float("clip", default: 0)
    clip = limit > 0 ? limit : nil
    try node.require(!node.flag("input_forget"), "coupled gates are not supported")
    try readActivations(gates: gates)
  }

  private mutating func readActivations(gates: Int) throws(ModelError) {
    let defaults =
      gates == 1 ? ["Tanh"] : gates == 3 ? ["Sigmoid", "Tanh"] : ["Sigmoid", "Tanh", "Tanh"]
    let names = node.attribute("activations")?.texts ?? []
    var alphas = (try node.floats("activation_alpha") ?? []).makeIterator()
    var betas = (try node.floats("activation_beta") ?? []).makeIterator()
    var all: [(String, Double?, Double?)] = []
    for name in names {
      // Parameters stand in the order of the functions that take some.
      let key = name.lowercased()
      let alpha = ["leakyrelu", "thresholdedrelu", "scaledtanh", "hardsigmoid", "elu", "affine"]
      let beta = ["scaledtanh", "hardsigmoid", "affine"]
      all.append(
        (key, alpha.contains(key) ? alphas.next() : nil, beta.contains(key) ? betas.next() : nil))
    }
    let count = defaults.count
    if all.count >= count * (direction + 1) {
      activations = Array(all[count * direction..<count * (direction + 1)])
    } else {
      try node.require(all.isEmpty, "it has too few activations")
      activations = defaults.map { ($0.lowercased(), nil, nil) }
    }
  }

  func initialState(batch: Int, layout: Int) throws(ModelError) -> RecurrentState {
    try node.checkedCount([batch, hidden])
    func state(_ index: Int) throws(ModelError) -> Term {
      guard var term = node.optional(index) else {
        return Term([Double](repeating: 0, count: batch * hidden), shape: [batch, hidden])
      }
      try node.require(
        term.shape.count == 3 && term.shape[2] == hidden, "an initial state does not fit")
      if layout == 1 { term = try node.transposed(term, [1, 0, 2]) }
      try node.require(
        term.shape[1] == batch && term.shape[0] > direction, "an initial state does not fit")
      return try node.sliced(term, axis: 0, direction..<direction + 1)
        .reshaped([batch, hidden])
    }
    return RecurrentState(hidden: try state(5), cell: try state(6))
  }

  /// x W + h R + both biases, with what is added to it.
  private func gate(
    _ index: Int, _ x: Term, _ h: Term, plus extra: Term? = nil
  ) throws(ModelError) -> Term {
    var terms = [
      try node.matmul(x, inputWeights[index]), try node.matmul(h, hiddenWeights[index]),
      inputBiases[index], hiddenBiases[index],
    ]
    if let extra { terms.append(extra) }
    return try node.sum(terms, factors: terms.map { _ in 1 })
  }

  /// An activation of what enters a gate, within the bounds of `clip`.
  private func activate(_ index: Int, _ x: Term) throws(ModelError) -> Term {
    try activated(
      index,
      clip.map { (limit) throws(ModelError) in try node.clipped(x, low: -limit, high: limit) } ?? x)
  }

  /// An activation as it is.
  private func activated(_ index: Int, _ x: Term) throws(ModelError) -> Term {
    let (name, alpha, beta) = activations[index]
    switch name {
    case "sigmoid": return try node.apply(.sigmoid, x)
    case "tanh": return try node.apply(.tanh, x)
    case "relu": return try node.relu(x)
    case "softplus": return try node.apply(.softplus, x)
    case "affine":
      return try node.scaled(
        x, by: given(alpha, "alpha", of: name), plus: given(beta, "beta", of: name))
    case "leakyrelu": return try node.leaky(x, alpha: alpha ?? 0.01)
    case "elu": return try node.apply(.elu(alpha: alpha ?? 1), x)
    case "thresholdedrelu":
      return try node.apply(.thresholded(alpha: given(alpha, "alpha", of: name)), x)
    case "hardsigmoid": return try node.hardSigmoid(x, alpha: alpha ?? 0.2, beta: beta ?? 0.5)
    case "scaledtanh":
      return try node.scaled(
        node.apply(.tanh, node.scaled(x, by: given(beta, "beta", of: name))),
        by: given(alpha, "alpha", of: name))
    case "softsign":
      return try node.quotient(x, node.scaled(node.absolute(x), by: 1, plus: 1))
    default: throw node.error("unknown activation \(name)")
    }
  }

  /// A parameter of an activation that has to be given.
  private func given(
    _ parameter: Double?, _ which: String, of name: String
  ) throws(ModelError) -> Double {
    guard let parameter else {
      // The defaults of ONNX are not those of onnxruntime, which takes 0.
      throw node.error(
        "activation \(name) needs activation_\(which); runtimes differ about what it is where it is left out"
      )
    }
    return parameter
  }

  /// H = f(x W + h R + b).
  static let plain:
    @Sendable (RecurrentCell, Term, RecurrentState) throws(ModelError) ->
      RecurrentState = { (cell, x, state) throws(ModelError) in
        let hidden = try cell.activate(0, cell.gate(0, x, state.hidden))
        return RecurrentState(hidden: hidden, cell: state.cell)
      }

  /// z, r = f(…), n = g(x W + (r * h) R + b) or g(x W + r * (h R + b) + b), H = (1 - z) n + z h.
  static let gru:
    @Sendable (RecurrentCell, Term, RecurrentState) throws(ModelError) ->
      RecurrentState = { (cell, x, state) throws(ModelError) in
        let (node, h) = (cell.node, state.hidden)
        let update = try cell.activate(0, cell.gate(0, x, h))
        let reset = try cell.activate(0, cell.gate(1, x, h))
        let candidate: Term
        if node.flag("linear_before_reset") {
          let inner = try node.plus(node.matmul(h, cell.hiddenWeights[2]), cell.hiddenBiases[2])
          candidate = try node.sum(
            [
              node.matmul(x, cell.inputWeights[2]), cell.inputBiases[2], node.product(reset, inner),
            ], factors: [1, 1, 1])
        } else {
          candidate = try cell.gate(2, x, node.product(reset, h))
        }
        let new = try cell.activate(1, candidate)
        // (1 - z) n + z h = n + z (h - n)
        let hidden = try node.plus(new, node.product(update, node.minus(h, new)))
        return RecurrentState(hidden: hidden, cell: state.cell)
      }

  /// i, o, f = f(…), C = f * c + i * g(…), H = o * h(C); the gates stand in the order i, o, f, c.
  static let lstm:
    @Sendable (RecurrentCell, Term, RecurrentState) throws(ModelError) ->
      RecurrentState = { (cell, x, state) throws(ModelError) in
        let (node, h) = (cell.node, state.hidden)
        func peephole(_ index: Int, _ c: Term) throws(ModelError) -> Term? {
          cell.peepholes.isEmpty ? nil : try node.product(cell.peepholes[index], c)
        }
        let input = try cell.activate(0, cell.gate(0, x, h, plus: peephole(0, state.cell)))
        let forget = try cell.activate(0, cell.gate(2, x, h, plus: peephole(2, state.cell)))
        let candidate = try cell.activate(1, cell.gate(3, x, h))
        let next = try node.plus(
          node.product(forget, state.cell), node.product(input, candidate))
        let output = try cell.activate(0, cell.gate(1, x, h, plus: peephole(1, next)))
        // onnxruntime does not clip the state of the cell.
        return RecurrentState(
          hidden: try node.product(output, cell.activated(2, next)), cell: next)
      }
}

extension NodeContext {
  /// The known length of each sequence of a batch.
  fileprivate func sequenceLengths(time: Int, batch: Int) throws(ModelError) -> [Int] {
    guard optional(4) != nil else { return [Int](repeating: time, count: batch) }
    let lengths = try integers(4, "the sequence lengths")
    try require(
      lengths.count == batch && lengths.allSatisfy((0...time).contains),
      "the sequence lengths do not fit \(batch) sequences of \(time) steps")
    // onnxruntime gives 0 for the last state, which is the initial one by the other rules.
    try require(
      !lengths.contains(0) || (optional(5) == nil && optional(6) == nil),
      "a sequence of no steps with an initial state is not supported")
    return lengths
  }

  /// All hidden states [time, direction, batch, hidden], the last hidden ones and the last cell states.
  fileprivate func recurrentOutputs(
    _ outputs: [[Term]], _ last: [RecurrentState], layout: Int
  ) throws(ModelError) -> [Term] {
    let (time, state) = (outputs[0].count, outputs[0][0].shape)
    var parts: [Term] = []
    for place in 0..<time {
      for direction in outputs.indices {
        parts.append(outputs[direction][place].reshaped([1] + state))
      }
    }
    var all = try concatenated(parts, axis: 0).reshaped([time, outputs.count] + state)
    var ends: [Term] = []
    for states in [last.map(\.hidden), last.map(\.cell)] {
      ends.append(try concatenated(states.map { $0.reshaped([1] + state) }, axis: 0))
    }
    if layout == 1 {
      all = try transposed(all, [2, 0, 1, 3])
      for index in ends.indices { ends[index] = try transposed(ends[index], [1, 0, 2]) }
    }
    return [all] + (node.op == "LSTM" ? ends : [ends[0]])
  }
}
