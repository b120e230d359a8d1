/// Affine building blocks: whatever is known goes into coefficients and biases.
extension NodeContext {
  /// out = M * (terms concatenated) + bias; the constants among the terms move into the biases.
  func affine(
    _ map: RealMap, _ terms: [Term], shape: [Int], type: ElementType? = nil
  ) throws(ModelError) -> Term {
    precondition(map.inputCount == terms.reduce(0) { $0 + $1.count })
    try checkedCount(shape)
    let type = type ?? terms.first?.type ?? .float
    guard terms.contains(where: { $0.constant != nil }),
      terms.contains(where: { $0.constant == nil })
    else { return try recorder.record(.affine(map), terms, shape: shape, type: type) }
    // Where each column goes: to a column of the variables, or to the bias.
    var columns: [Int32] = []
    var known: [Double] = []
    var count = 0
    for term in terms {
      if let numbers = term.constant {
        columns += [Int32](repeating: -1, count: numbers.count)
        known += numbers
      } else {
        columns += (count..<count + term.count).map { Int32($0) }
        known += [Double](repeating: 0, count: term.count)
        count += term.count
      }
    }
    var rest = RealMap(inputCount: count)
    rest.reserve(rows: map.outputCount)
    for row in 0..<map.outputCount {
      var bias = map.biases[row]
      for (column, coefficient, _) in map.entries(row) {
        if columns[column] >= 0 {
          rest.add(Int(columns[column]), coefficient)
        } else {
          bias += coefficient * known[column]
        }
      }
      rest.endRow(bias: bias)
    }
    if type.isInteger, rest.biases.contains(where: { abs($0) >= Numbers.exactDouble }) {
      // A bias would be rounded: the constants are added as tensors.
      return try recorder.record(.affine(map), terms, shape: shape, type: type)
    }
    return try recorder.record(
      .affine(rest), terms.filter { $0.constant == nil }, shape: shape, type: type)
  }

  /// Some elements of a term in another order or shape; nil gives the constant `fill`.
  func picking(
    _ elements: [Int?], of term: Term, shape: [Int], fill: Double = 0
  ) throws(ModelError) -> Term {
    if let numbers = term.constant {
      try recorder.accountFolded(shape)
      return Term(elements.map { $0.map { numbers[$0] } ?? fill }, shape: shape, type: term.type)
    }
    if elements.count == term.count, elements.indices.allSatisfy({ elements[$0] == $0 }) {
      return term.reshaped(shape)
    }
    return try affine(
      .selecting(elements, of: term.count, fill: fill), [term], shape: shape, type: term.type)
  }

  /// Some elements of several terms, numbered as if they were concatenated.
  func picking(_ elements: [Int], of terms: [Term], shape: [Int]) throws(ModelError) -> Term {
    if terms.count == 1 { return try picking(elements, of: terms[0], shape: shape) }
    let count = terms.reduce(0) { $0 + $1.count }
    return try affine(
      .selecting(elements, of: count), terms, shape: shape, type: terms.first?.type)
  }

  /// The term repeated to a shape that it can be broadcast to.
  func expanded(_ term: Term, to shape: [Int]) throws(ModelError) -> Term {
    if term.shape == shape { return term }
    try require(
      TensorShape.broadcast(term.shape, shape) == shape,
      "shape \(term.shape) cannot be broadcast to \(shape)")
    return try picking(
      TensorShape.broadcastElements(term.shape, to: shape), of: term, shape: shape)
  }

  /// factor * x + offset for every element.
  func scaled(
    _ term: Term, by factor: Double, plus offset: Double = 0
  ) throws(ModelError) -> Term {
    try require(factor.isFinite, "a coefficient is not a finite number")
    var map = RealMap(inputCount: term.count)
    map.reserve(rows: term.count)
    guard factor != 0 else { return try scaled(term) { _ in (0, offset) } }
    let (pattern, list) = (map.pattern([0]), map.list([factor]))
    for element in 0..<term.count {
      map.appendRow(pattern: pattern, list: list, offset: element, bias: offset)
    }
    return try affine(map, [term], shape: term.shape, type: term.type)
  }

  /// factor * x + offset with numbers for each element.
  func scaled(
    _ term: Term, by numbers: (Int) -> (factor: Double, offset: Double)
  ) throws(ModelError) -> Term {
    var map = RealMap(inputCount: term.count)
    map.reserve(rows: term.count)
    for element in 0..<term.count {
      let (factor, offset) = numbers(element)
      try require(factor.isFinite, "a coefficient is not a finite number")
      map.add(element, factor)
      map.endRow(bias: offset)
    }
    return try affine(map, [term], shape: term.shape, type: term.type)
  }

  /// Sum of terms times factors, under broadcasting.
  func sum(_ terms: [Term], factors: [Double]) throws(ModelError) -> Term {
    let shape = try broadcast(terms.map(\.shape))
    let elements = terms.map { TensorShape.broadcastElements($0.shape, to: shape) }
    var starts: [Int] = []
    var total = 0
    for term in terms {
      starts.append(total)
      total += term.count
    }
    var map = RealMap(inputCount: total)
    map.reserve(rows: shape.reduce(1, *))
    for element in 0..<shape.reduce(1, *) {
      for index in terms.indices {
        map.add(starts[index] + elements[index][element], factors[index])
      }
      map.endRow()
    }
    return try affine(map, terms, shape: shape)
  }

  func plus(_ a: Term, _ b: Term) throws(ModelError) -> Term { try sum([a, b], factors: [1, 1]) }

  func minus(_ a: Term, _ b: Term) throws(ModelError) -> Term {
    try sum([a, b], factors: [1, -1])
  }

  func negated(_ term: Term) throws(ModelError) -> Term { try scaled(term, by: -1) }

  /// The sum of each group of elements times a factor.
  func sums(
    of groups: [[Int]], in term: Term, factor: Double = 1, shape: [Int]
  ) throws(ModelError) -> Term {
    try checkEntries(groups.count, groups.first?.count ?? 0)
    var map = RealMap(inputCount: term.count)
    for group in groups {
      for element in group { map.add(element, factor) }
      map.endRow()
    }
    return try affine(map, [term], shape: shape)
  }
}
