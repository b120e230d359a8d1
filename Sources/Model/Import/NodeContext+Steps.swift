/// Building blocks that are not affine, under broadcasting where there are several operands.
extension NodeContext {
  func apply(_ function: RealFunction, _ term: Term) throws(ModelError) -> Term {
    if function.isInteger, isInteger(term) { return term }
    return try recorder.record(.function(function), [term], shape: term.shape, type: term.type)
  }

  func relu(_ term: Term) throws(ModelError) -> Term {
    if isNonnegative(term) { return term }
    return try recorder.record(.relu, [term], shape: term.shape, type: term.type)
  }

  func absolute(_ term: Term) throws(ModelError) -> Term {
    if isNonnegative(term) { return term }
    return try recorder.record(.absolute, [term], shape: term.shape, type: term.type)
  }

  /// At least `low` and at most `high`, where bounds are given.
  func clipped(_ term: Term, low: Double?, high: Double?) throws(ModelError) -> Term {
    if low == 0, high == nil { return try relu(term) }
    let (low, high) = (low ?? -.infinity, high ?? .infinity)
    if low == -.infinity, high == .infinity { return term }
    return try recorder.record(
      .clamp(low: low, high: high), [term], shape: term.shape, type: term.type)
  }

  func product(_ a: Term, _ b: Term) throws(ModelError) -> Term {
    let shape = try broadcast([a.shape, b.shape])
    let elements = [a, b].map { TensorShape.broadcastElements($0.shape, to: shape) }
    for (known, other, places, others) in [
      (a, b, elements[0], elements[1]), (b, a, elements[1], elements[0]),
    ] {
      guard let numbers = known.constant else { continue }
      var map = RealMap(inputCount: other.count)
      map.reserve(rows: others.count)
      for element in others.indices {
        let factor = numbers[places[element]]
        try require(factor.isFinite, "a factor is not a finite number")
        map.add(others[element], factor)
        map.endRow()
      }
      return try affine(map, [other], shape: shape)
    }
    return try record(.product, [a, b], shape: shape, type: a.type)
  }

  /// Whether elements are special numbers; inputs of the model and integers never are.
  func special(_ kinds: Graph.Special, _ x: Term) throws(ModelError) -> Term {
    if x.type.isInteger || x.variable.map(recorder.graph.inputs.contains) == true {
      try recorder.accountFolded(x.shape)
      return Term([Double](repeating: 0, count: x.count), shape: x.shape, type: .bool)
    }
    return try recorder.record(.special(kinds), [x], shape: x.shape, type: .bool)
  }

  /// The average of groups of elements.
  func means(of groups: [[Int]], in x: Term, shape: [Int]) throws(ModelError) -> Term {
    let count = Double(groups[0].count)
    guard x.type == .double else {
      return try sums(of: groups, in: x, factor: 1 / count, shape: shape)
    }
    return try quotient(sums(of: groups, in: x, shape: shape), Term(count, type: x.type))
  }

  func quotient(
    _ a: Term, _ b: Term, _ rounding: Graph.Quotient = .exact
  ) throws(ModelError) -> Term {
    // The product with a reciprocal is off by a place of a double, which rounding to a shorter type takes away.
    if rounding == .exact, let numbers = b.constant, a.constant == nil, a.type != .double {
      let reciprocals = Term(numbers.map { 1 / $0 }, shape: b.shape, type: a.type)
      try require(numbers.allSatisfy { $0 != 0 && (1 / $0).isFinite }, "division by zero")
      return try product(a, reciprocals)
    }
    let shape = try broadcast([a.shape, b.shape])
    return try record(.quotient(rounding), [a, b], shape: shape, type: a.type)
  }

  func compare(
    _ comparison: Graph.Comparison, _ a: Term, _ b: Term
  ) throws(ModelError) -> Term {
    let shape = try broadcast([a.shape, b.shape])
    return try record(.compare(comparison), [a, b], shape: shape, type: .bool)
  }

  /// 1 - x of a truth value.
  func not(_ term: Term) throws(ModelError) -> Term {
    try scaled(term, by: -1, plus: 1).typed(.bool)
  }

  func select(_ condition: Term, _ a: Term, _ b: Term) throws(ModelError) -> Term {
    let shape = try broadcast([condition.shape, a.shape, b.shape])
    if let known = condition.constant {
      let choice = TensorShape.broadcastElements(condition.shape, to: shape)
      let first = TensorShape.broadcastElements(a.shape, to: shape)
      let second = TensorShape.broadcastElements(b.shape, to: shape)
      let elements = choice.indices.map {
        known[choice[$0]] != 0 ? first[$0] : a.count + second[$0]
      }
      return try picking(elements, of: [a, b], shape: shape)
    }
    return try record(.select, [condition, a, b], shape: shape, type: a.type)
  }

  /// The largest element of each window.
  func maximum(_ windows: [[Int]], in term: Term, shape: [Int]) throws(ModelError) -> Term {
    if windows.allSatisfy({ $0.count == 1 }) {
      return try picking(windows.map { $0[0] }, of: term, shape: shape)
    }
    return try recorder.record(
      .maximum(windows: windows), [term], shape: shape, type: term.type)
  }

  /// The elementwise largest of several terms.
  func maximum(_ terms: [Term]) throws(ModelError) -> Term {
    let shape = try broadcast(terms.map(\.shape))
    if terms.count == 1 { return terms[0] }
    var parts: [Term] = []
    for term in terms { parts.append(try expanded(term, to: shape)) }
    let count = shape.reduce(1, *)
    let whole = try picking(
      Array(0..<count * terms.count), of: parts, shape: [terms.count] + shape)
    let windows = (0..<count).map { element in terms.indices.map { $0 * count + element } }
    return try maximum(windows, in: whole, shape: shape)
  }

  /// A part of an operator that is rounded to a float type like a result.
  func held(_ term: Term, as type: ElementType = .float) throws(ModelError) -> Term {
    try recorder.result(term.typed(type))
  }

  /// What the operator makes of a term of its output type: integers wrap at their width, floats are rounded.
  func settled(_ term: Term) throws(ModelError) -> Term {
    guard let bounds = term.type.bounds else { return try recorder.result(term) }
    var term = term
    if !isInteger(term) { term = try apply(.truncate, term) }
    if let value = term.variable {
      let known = recorder.graph.values[value].bounds
      if known.map({ !bounds.contains($0) }) ?? true {
        term = try recorder.record(.wrap(term.type), [term], shape: term.shape, type: term.type)
      }
    } else if let known = term.known?.integers {
      term = Term(.integers(known.map(term.type.wrapped)), shape: term.shape, type: term.type)
    }
    return try recorder.result(term)
  }

  /// Records an elementwise step after broadcasting its operands to one shape.
  private func record(
    _ kind: Graph.Kind, _ terms: [Term], shape: [Int], type: ElementType
  ) throws(ModelError) -> Term {
    var operands: [Term] = []
    for term in terms { operands.append(try expanded(term, to: shape)) }
    return try recorder.record(kind, operands, shape: shape, type: type)
  }

  /// Whether all elements are integers, as far as is known.
  func isInteger(_ term: Term) -> Bool {
    switch term.content {
    case .constant(let numbers): numbers.allSatisfy { $0 == $0.rounded() }
    case .integers: true
    case .variable(let value): recorder.graph.values[value].isInteger
    }
  }

  /// Whether no element is negative, as far as is known.
  func isNonnegative(_ term: Term) -> Bool {
    switch term.content {
    case .constant(let numbers): numbers.allSatisfy { $0 >= 0 }
    case .integers(let numbers): numbers.allSatisfy { $0 >= 0 }
    case .variable(let value): recorder.graph.values[value].isNonnegative
    }
  }

  /// Places along a dimension, where negative ones count from its end.
  func nonnegative(_ places: Term, size: Int) throws(ModelError) -> Term {
    if isNonnegative(places) { return places }
    let negative = try compare(.less, places, Term(0))
    return try sum([places, negative], factors: [1, Double(size)])
  }

  /// One row per element with `size` places, of which the named one is 1; negative places count from the end.
  func oneHot(_ places: Term, size: Int) throws(ModelError) -> Term {
    try recorder.record(
      .oneHot(size: size), [nonnegative(places, size: size)], shape: places.shape + [size],
      type: .float)
  }
}
