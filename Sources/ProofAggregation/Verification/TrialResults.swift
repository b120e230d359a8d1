import Model

/// What two models gave for the same inputs, as far as both gave something.
struct TrialResults {
  private let names: [String]
  private let areExact: [Bool]
  /// By input, output and element.
  private var expected: [[[Double]]] = []
  private var found: [[[Double]]] = []
  private var isLastAccepted = false

  init(_ model: Model) {
    names = model.outputs.map(\.name)
    areExact = model.exactOutputs
  }

  /// Number of inputs.
  var count: Int { expected.count }

  /// Takes what was added to others last, where something was.
  mutating func add(lastOf others: TrialResults) {
    guard let last = others.lastAdded else { return }
    expected.append(last.expected)
    found.append(last.found)
  }

  /// What the last input gave; nil where the integer program did not accept it.
  private var lastAdded: (expected: [[Double]], found: [[Double]])? {
    guard isLastAccepted, let expected = expected.last, let found = found.last else { return nil }
    return (expected, found)
  }

  /// Runs both. An input that leaves the range of some value is none of those that can be proven.
  mutating func add(_ input: [[Double]], to quantized: QuantizedModel) {
    isLastAccepted = false
    guard let exact = try? quantized.model.evaluate(input),
      let rounded = try? quantized.run(input).outputs
    else { return }
    expected.append(exact)
    found.append(rounded)
    isLastAccepted = true
  }

  var outputs: [SettingsTrial.Output] {
    names.indices.map { output in
      SettingsTrial.Output(
        names[output], isExact: areExact[output], expected: expected.map { $0[output] },
        found: found.map { $0[output] })
    }
  }
}

extension SettingsTrial.Output {
  /// - Parameters:
  ///   - expected: what the float model gives, by input and element.
  ///   - found: what the integers stand for.
  package init(_ name: String, isExact: Bool, expected: [[Double]], found: [[Double]]) {
    var elements = (expected.first?.indices ?? 0..<0).map { element in
      Element(expected.map { $0[element] }, found.map { $0[element] })
    }
    // Squares of what is below 1 stay finite.
    let largest = elements.map(\.largest).max() ?? 0
    if largest > 1 { for element in elements.indices { elements[element].divide(by: largest) } }
    let infrequent = elements.reduce(0) { $0 + $1.infrequent }
    let differing = elements.reduce(0) { $0 + $1.differing }
    var loss = Element.loss(elements)
    if isExact, infrequent > 0 {
      loss = loss.map { min($0, Double(differing) / Double(infrequent)) }
    }
    let lost = elements.indices.filter { Element.loss([elements[$0]]) ?? 0 >= 1 }
      .max { elements[$0].error < elements[$1].error }
    self.init(
      name: name, loss: loss, error: elements.map(\.error).max() ?? 0, isExact: isExact,
      differing: differing,
      lost: lost.map { SettingsTrial.LostElement(index: $0, error: elements[$0].error) })
  }
}

/// One element of an output over all inputs.
private struct Element {
  private var expected: [Double]
  private var found: [Double]
  /// The largest error, absolute or relative to results above 1.
  let error: Double
  /// How many results differ.
  let differing: Int
  /// How many float results are not the most frequent one.
  let infrequent: Int

  init(_ expected: [Double], _ found: [Double]) {
    (self.expected, self.found) = (expected, found)
    error = zip(expected, found).map { abs($0 - $1) / max(1, abs($0)) }.max() ?? 0
    differing = zip(expected, found).count { $0 != $1 }
    let frequencies = Dictionary(expected.map { ($0, 1) }, uniquingKeysWith: +)
    infrequent = expected.count - (frequencies.values.max() ?? 0)
  }

  /// The largest magnitude.
  var largest: Double { (expected + found).reduce(0) { max($0, abs($1)) } }

  mutating func divide(by divisor: Double) {
    for index in expected.indices {
      expected[index] /= divisor
      found[index] /= divisor
    }
  }

  /// The root mean square of the errors over that of the distances from each element's mean; nil where nothing varies.
  static func loss(_ elements: [Element]) -> Double? {
    var spread = 0.0
    var square = 0.0
    for element in elements {
      let mean = element.expected.reduce(0, +) / Double(element.expected.count)
      for (exact, rounded) in zip(element.expected, element.found) {
        spread += (exact - mean) * (exact - mean)
        square += (exact - rounded) * (exact - rounded)
      }
    }
    return spread > 0 ? (square / spread).squareRoot() : nil
  }
}
