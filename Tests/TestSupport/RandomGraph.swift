import Circuit

/// Graphs that nobody thought of: operations of all kinds in random order, on results of each other, with random ranges and
/// copies in between.
public struct RandomGraph {
  /// How large the tensors are.
  public struct Size: Sendable {
    /// Elements of an input at most.
    var input: Int
    /// Results at most of an operation whose number of results is free: rows, groups.
    var rows, groups: Int
    /// Larger tensors are not used.
    var largest: Int

    /// A few elements each: for circuits that are attacked.
    public static let small = Size(input: 4, rows: 4, groups: 2, largest: 20)
    /// Enough elements to be divided in many ways.
    public static let large = Size(input: 32, rows: 24, groups: 12, largest: 64)
  }

  private let size: Size
  private var sketch = GraphSketch()
  private var generator: SeededGenerator

  /// Wider results are not used: they would only make circuits large.
  private static let widest: Int64 = 4000

  /// The graph of a seed.
  public init(seed: UInt64, size: Size = .small) {
    generator = SeededGenerator(seed: seed)
    self.size = size
  }

  /// Makes the graph.
  ///
  /// - Parameter operations: attempts to add one; those that fit nothing are left out.
  public mutating func graph(operations: Int) throws -> IntegerGraph {
    for _ in 0..<Int.random(in: 1...2, using: &generator) {
      let lowest = Int64.random(in: -40...3, using: &generator)
      let highest = lowest + Int64.random(in: 0...60, using: &generator)
      _ = sketch.input(Int.random(in: 1...size.input, using: &generator), lowest...highest)
    }
    let inputs = sketch.inputs
    for _ in 0..<operations { addOperation() }
    // Everything of the inputs is read, so that every commitment binds bits.
    let total = inputs.reduce(0) { $0 + sketch.tensors[$1].count }
    var sum = LinearMap(inputCount: total)
    sum.appendRow((0..<total).map { (column: $0, coefficient: Int64(2 * $0 + 1)) })
    var outputs = Set([sketch.add(.linear(sum), inputs, count: 1), sketch.tensors.count - 2])
    for tensor in sketch.tensors.indices where chance(4) { outputs.insert(tensor) }
    return try sketch.graph(outputs: outputs.sorted())
  }

  /// Whether something happens that happens once in that many times.
  public mutating func chance(_ one: Int) -> Bool {
    Int.random(in: 0..<one, using: &generator) == 0
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  /// A tensor whose range passes a test, the latest ones more often than others.
  private mutating func tensor(_ isUsable: (IntegerTensor) -> Bool = { _ in true }) -> TensorID? {
    let usable = sketch.tensors.indices.filter { isUsable(sketch.tensors[$0]) }
    return chance(2)
      ? usable.suffix(2).randomElement(using: &generator) : usable.randomElement(using: &generator)
  }

  private mutating func addOperation() {
    switch number(0...22) {
    case 0, 1: addLinear()
    case 2: addOn { _ in .relu }
    case 3: addOn { _ in .absolute }
    case 4: addOn { _ in .isNegative }
    case 5: addOn { _ in .isZero }
    case 6: addEnforced { $0.rescale() }
    case 7: addEnforced { $0.divide() }
    case 8, 9: addOn { $0.clamp($1) }
    case 10: addOn({ _ in .squareRoot }) { $0.range.lowerBound >= 0 }
    case 11: addOn({ _ in .bitLength }) { $0.range.lowerBound >= 0 }
    case 12, 13: addOn({ $0.table($1) }) { $0.range.unsignedBitCount <= 5 }
    case 14: addOn({ $0.interpolate($1) }) { $0.range.unsignedBitCount <= 8 }
    case 15: addPair(.product) { _ in true }
    case 16:
      addPair(.bitwise([.and, .or, .xor].randomElement(using: &generator)!)) {
        $0.range.lowerBound >= 0
      }
    case 17: addSelect()
    case 18: addMatmul()
    case 19: addGroups()
    case 20: addGather()
    case 21: addQuotient()
    default:
      guard let x = tensor({ $0.range.lowerBound >= 0 && $0.range.upperBound < 6 && $0.count < 5 })
      else { return }
      let depth = Int(sketch.tensors[x].range.upperBound) + number(1...2)
      add(.oneHot(depth: depth), [x], count: depth * sketch.tensors[x].count)
    }
  }

  /// Adds an operation unless its results are too wide.
  private mutating func add(
    _ kind: IntegerOperation.Kind, _ inputs: [TensorID], count: Int,
    range: ClosedRange<Int64>? = nil
  ) {
    let tensors = inputs.map { sketch.tensors[$0] }
    guard let derived = try? IntegerOperation.derivedRange(of: kind, inputs: tensors),
      derived.lowerBound >= -Self.widest, derived.upperBound <= Self.widest, count <= size.largest
    else { return }
    var declared = range ?? derived
    if range == nil, chance(4), !kind.enforcesRange {
      declared =
        derived.lowerBound - Int64(number(0...9))...derived.upperBound + Int64(number(0...9))
    }
    guard declared.overlaps(derived) else { return }
    _ = sketch.add(kind, inputs, count: count, range: declared)
  }

  private mutating func addOn(
    _ kind: (inout Self, IntegerTensor) -> IntegerOperation.Kind,
    where isUsable: (IntegerTensor) -> Bool = { _ in true }
  ) {
    guard let x = tensor(isUsable) else { return }
    let kind = kind(&self, sketch.tensors[x])
    add(kind, [x], count: sketch.tensors[x].count)
  }

  private mutating func addOn(
    _ kind: (inout Self) -> IntegerOperation.Kind,
    where isUsable: (IntegerTensor) -> Bool = { _ in true }
  ) {
    addOn({ chunk, _ in kind(&chunk) }, where: isUsable)
  }

  /// A kind whose declared range is narrower than what may come, or wider.
  private mutating func addEnforced(_ kind: (inout Self) -> IntegerOperation.Kind) {
    guard let x = tensor() else { return }
    let kind = kind(&self)
    guard let derived = try? IntegerOperation.derivedRange(of: kind, inputs: [sketch.tensors[x]])
    else { return }
    let cut = (derived.upperBound - derived.lowerBound) / 6
    let ends = [-3, 0, cut, cut].map { $0 + Int64(number(0...1)) }
    let low = derived.lowerBound + ends.randomElement(using: &generator)!
    let high = derived.upperBound - ends.randomElement(using: &generator)!
    add(
      kind, [x], count: sketch.tensors[x].count,
      range: chance(2) ? derived : min(low, high)...max(low, high))
  }

  private mutating func rescale() -> IntegerOperation.Kind { .rescale(shift: number(0...3)) }

  private mutating func divide() -> IntegerOperation.Kind {
    .divide(by: Int64(number(1...9)), rounding: Rounding.allCases.randomElement(using: &generator)!)
  }

  private mutating func clamp(_ tensor: IntegerTensor) -> IntegerOperation.Kind {
    let low = tensor.range.lowerBound + Int64(number(-9...9))
    let size = chance(3) ? Int64(number(0...40)) : 1 << Int64(number(0...5)) - 1
    let start = chance(2) ? tensor.range.lowerBound : low
    return .clamp(start...start + size)
  }

  private mutating func table(_ tensor: IntegerTensor) -> IntegerOperation.Kind {
    let (below, above) = (Int64(number(0...3)), Int64(number(0...3)))
    let range = tensor.range.lowerBound - below...tensor.range.upperBound + above
    let values = range.map { _ in Int64(number(-9...9)) }
    return .table(FunctionTable(lowest: range.lowerBound, values: values))
  }

  private mutating func interpolate(_ tensor: IntegerTensor) -> IntegerOperation.Kind {
    let lowBits = number(0...4)
    let lowest = tensor.range.lowerBound - (chance(2) ? 0 : Int64(number(0...5)))
    let segments = Int((tensor.range.upperBound - lowest) >> Int64(lowBits)) + number(1...2)
    func coefficients() -> [Int64] { (0..<segments).map { _ in Int64(number(-4...4)) } }
    let coarseBits = number(0...lowBits)
    return .interpolate(
      SegmentTable(
        lowest: lowest, lowBits: lowBits, intercepts: coefficients(), slopes: coefficients(),
        curvatures: chance(2) ? coefficients() : [], coarseBits: coarseBits))
  }

  /// Sums, copies and constants of one or two tensors; sometimes a small matrix at several places.
  private mutating func addLinear() {
    guard let x = tensor(), let y = tensor() else { return }
    let inputs = chance(2) || x == y ? [x] : [x, y]
    let total = inputs.reduce(0) { $0 + sketch.tensors[$1].count }
    var map = LinearMap(inputCount: total)
    if chance(3) {
      for _ in 0..<number(1...size.rows + 1) { map.appendRow([(number(0...total - 1), 1)]) }
    } else {
      for _ in 0..<number(1...size.rows) {
        let entries = (0..<number(0...3)).map { _ in
          (column: number(0...total - 1), coefficient: Int64(number(-4...4)))
        }
        map.appendRow(entries, bias: Int64(number(-3...3)))
      }
    }
    add(.linear(map), inputs, count: map.outputCount)
  }

  private mutating func addPair(
    _ kind: IntegerOperation.Kind, where isUsable: (IntegerTensor) -> Bool
  ) {
    guard let x = tensor(isUsable) else { return }
    let count = sketch.tensors[x].count
    guard let y = tensor({ $0.count == count && isUsable($0) }) else { return }
    add(kind, [x, y], count: count)
  }

  private mutating func addSelect() {
    guard let c = tensor({ $0.range.lowerBound >= 0 && $0.range.upperBound <= 1 }) else { return }
    let count = sketch.tensors[c].count
    guard let x = tensor({ $0.count == count }), let y = tensor({ $0.count == count }) else {
      return
    }
    add(.select, [c, x, y], count: count)
  }

  private mutating func addQuotient() {
    guard let b = tensor({ $0.range.lowerBound >= 1 }) else { return }
    let count = sketch.tensors[b].count
    guard let a = tensor({ $0.count == count }) else { return }
    add(
      .quotient(
        shift: number(0...2), rounding: Rounding.allCases.randomElement(using: &generator)!),
      [a, b], count: count)
  }

  private mutating func addMatmul() {
    guard let x = tensor({ $0.count >= 2 }), let y = tensor({ $0.count >= 2 }) else { return }
    let (a, b) = (sketch.tensors[x].count, sketch.tensors[y].count)
    let inner = (1...min(a, b)).filter { a % $0 == 0 && b % $0 == 0 }.randomElement(
      using: &generator)!
    add(
      .matmul(batch: 1, m: a / inner, k: inner, n: b / inner), [x, y],
      count: a / inner * (b / inner))
  }

  private mutating func addGroups() {
    guard let x = tensor() else { return }
    let count = sketch.tensors[x].count
    let size = number(1...3)
    let groups = (0..<number(1...self.size.groups)).map { _ in
      (0..<size).map { _ in number(0...count - 1) }
    }
    switch number(0...3) {
    case 0: add(.maximum(windows: groups), [x], count: groups.count)
    case 1: add(.distance(groups: groups), [x], count: groups.count * size)
    case 2: add(.argmax(groups: groups, last: chance(2)), [x], count: groups.count)
    default:
      let picks = number(1...size)
      add(
        .order(groups: groups, count: picks, descending: chance(2)), [x],
        count: groups.count * picks)
    }
  }

  private mutating func addGather() {
    guard let data = tensor(),
      let index = tensor({ $0.range.lowerBound >= 0 && $0.range.upperBound < 4 })
    else { return }
    let (size, depth) = (
      sketch.tensors[data].count, Int(sketch.tensors[index].range.upperBound) + 1
    )
    let picks = (0..<number(1...self.size.groups + 1)).compactMap { _ -> Pick? in
      let pick = Pick(
        index: number(0...sketch.tensors[index].count - 1), start: number(0...size - 1),
        stride: number(-2...2), count: depth + number(0...1))
      return (0..<size).contains(pick.start + pick.stride * (pick.count - 1)) ? pick : nil
    }
    if !picks.isEmpty { add(.gather(picks: picks), [data, index], count: picks.count) }
  }
}

extension IntegerGraph {
  /// Random values of the inputs, the ends of their ranges more often than others.
  public func randomInputs(using generator: inout SeededGenerator) -> [[Int64]] {
    inputs.map { tensor in
      let range = tensors[tensor].range
      return (0..<tensors[tensor].count).map { _ in
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: range.lowerBound
        case 1: range.upperBound
        default: Int64.random(in: range, using: &generator)
        }
      }
    }
  }

  /// Random inputs whose results lie in the ranges that rounded results declare.
  public func acceptedInputs(seed: UInt64) throws -> [[Int64]] {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let inputs = randomInputs(using: &generator)
      if (try? evaluate(inputs: inputs)) != nil { return inputs }
    }
    throw CircuitError.invalidGraph(place: "seed \(seed)", reason: "no inputs are accepted")
  }
}
