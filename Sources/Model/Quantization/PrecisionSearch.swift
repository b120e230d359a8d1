/// Looks for the fewest bits that keep the outputs within the tolerance.
struct PrecisionSearch {
  let model: Model
  let calibration: [[[Double]]]
  let options: QuantizationOptions
  /// Bounds of every value over the calibration inputs.
  private let lowest: [Double]
  private let highest: [Double]
  /// Values with numbers that a softmax makes vanish, which count for no bound.
  private let masked: [Int]
  /// For each input and each place along its last dimension, the largest magnitude.
  private let columns: [[Double]]
  /// Float outputs per calibration input.
  private let expected: [[[Double]]]

  /// A candidate and its largest error over the calibration inputs.
  struct Attempt {
    var model: QuantizedModel
    /// One report per calibration input.
    var reports: [AccuracyReport]

    /// The largest error; infinite where a class or another whole number differs.
    var error: Double { reports.reduce(0) { max($0, $1.worst) } }

    /// Whether fewer whole numbers differ than elsewhere, or as many and the other numbers differ less.
    func isBetter(than other: Attempt) -> Bool { rank < other.rank }

    private var rank: (Int, Double) {
      let outputs = reports.flatMap(\.outputs)
      return (
        outputs.reduce(0) { $0 + $1.mismatches },
        outputs.reduce(0) { max($0, $1.maximalRelativeError) }
      )
    }
  }

  /// Precisions to start from, activations before weights, until one is good enough.
  static let ladder = [(16, 16), (20, 18), (24, 22), (28, 24), (32, 28), (36, 32), (40, 32)]

  /// Widths of inputs of real numbers, the cheapest first.
  static let widths = [16, 32, QuantizationSettings.widest]

  init(
    _ model: Model, _ calibration: [[[Double]]], _ options: QuantizationOptions
  ) throws(ModelError) {
    guard !calibration.isEmpty else {
      throw .countMismatch(what: "calibration inputs", expected: 1, found: 0)
    }
    self.model = model
    self.calibration = calibration
    self.options = options
    let graph = model.graph
    var lowest = [Double](repeating: .infinity, count: graph.values.count)
    var highest = [Double](repeating: -.infinity, count: graph.values.count)
    var expected: [[[Double]]] = []
    let softmaxes = graph.softmaxGroups
    var masked = Set<Int>()
    var columns = model.inputs.map { [Double](repeating: 0, count: $0.shape.last ?? 1) }
    for values in calibration {
      try model.check(values)
      for (input, list) in values.enumerated() {
        let width = columns[input].count
        for (element, number) in list.enumerated() {
          columns[input][element % width] = max(columns[input][element % width], abs(number))
        }
      }
      let results = graph.evaluate(values)
      for value in graph.values.indices {
        let vanishing = softmaxes[value].map { Self.vanishing(results[value], $0) } ?? []
        if !vanishing.isEmpty { masked.insert(value) }
        for (element, number) in results[value].enumerated()
        where !number.isInfinite && !vanishing.contains(element) {
          guard !number.isNaN, abs(number) <= QuantizationSettings.largestNumber else {
            throw .notFinite(tensor: graph.values[value].name, element: element)
          }
          lowest[value] = min(lowest[value], number)
          highest[value] = max(highest[value], number)
        }
      }
      expected.append(try model.evaluate(values))
    }
    self.lowest = zip(lowest, highest).map { $0 <= $1 ? $0 : 0 }
    self.highest = zip(lowest, highest).map { $0 <= $1 ? $1 : 0 }
    self.expected = expected
    self.masked = masked.sorted()
    self.columns = columns
  }

  /// Elements so far below the largest one of their group that a softmax makes nothing of them.
  private static func vanishing(_ numbers: [Double], _ groups: [[Int]]) -> Set<Int> {
    var result = Set<Int>()
    for group in groups {
      let largest = group.reduce(-Double.infinity) { max($0, numbers[$1]) }
      for element in group where numbers[element] < largest - 32 { result.insert(element) }
    }
    return result
  }

  /// Settings with one width for all inputs of real numbers; whole numbers take the smallest width that holds them.
  func settings(
    width: Int, activations: Int, weights: Int, extra: [Int]? = nil
  ) -> QuantizationSettings {
    var (widths, scales): ([Int], [Int]) = ([], [])
    var dropped: [[Int]] = []
    for (index, input) in model.graph.inputs.enumerated() {
      let largest = max(abs(lowest[input]), abs(highest[input]))
      func fits(_ width: Int, _ scaleBits: Int) -> Bool {
        Double(sign: .plus, exponent: scaleBits, significand: largest).rounded()
          < Double(sign: .plus, exponent: width - 1, significand: 1)
      }
      if model.graph.values[input].isInteger {
        // Beyond 32 bits with headroom, but none that would leave no bit for the difference of two such numbers.
        let needed = Self.bits(model.graph.values[input].type, lowest[input], highest[input])
        let roomy = min(needed + options.headroomBits, QuantizationSettings.widest)
        widths.append([8, 16, 32].first { $0 >= needed } ?? max(needed, roomy))
        scales.append(0)
        dropped.append([])
      } else {
        var scaleBits = min(
          width - 1 - QuantizationSettings.magnitude(largest),
          QuantizationSettings.scaleLimits.upperBound)
        if !fits(width, scaleBits) { scaleBits -= 1 }
        // A wide input leaves other inputs the headroom that rounded values have.
        if width == QuantizationSettings.widest { scaleBits -= options.headroomBits }
        widths.append(width)
        scales.append(scaleBits)
        dropped.append(
          width < QuantizationSettings.widest
            ? []
            : columns[index].map {
              let bits = scaleBits + QuantizationSettings.magnitude($0)
              return min(max(0, bits - QuantizationSettings.columnBits), width)
            })
      }
    }
    return QuantizationSettings(
      inputShapes: model.inputs.map(\.shape),
      fixedInputs: model.fixedInputs.isEmpty ? nil : model.fixedInputs,
      missing: model.missing.isEmpty ? nil : model.missing, inputWidths: widths,
      inputScaleBits: scales, droppedInputBits: dropped, activationBits: activations,
      weightBits: weights, headroomBits: options.headroomBits,
      lowest: lowest, highest: highest,
      extraBits: extra ?? [Int](repeating: 0, count: lowest.count), masked: masked,
      equalised: model.isEqualised ? true : nil)
  }

  /// Bits that numbers of an integer type between two of them need: with a sign unless the type has none.
  private static func bits(_ type: ElementType, _ low: Double, _ high: Double) -> Int {
    let isUnsigned = type.bounds.map { $0.lowerBound == 0 } ?? false
    return (1...63).first { width in
      let end = Double(sign: .plus, exponent: isUnsigned ? width : width - 1, significand: 1)
      return (isUnsigned ? 0 : -end) <= low && high < end
    } ?? 64
  }

  /// The program of some settings and its worst error.
  func attempt(_ settings: QuantizationSettings) throws(ModelError) -> Attempt {
    PlanningProgress.say(
      "choosing a precision: \(settings.activationBits) bits, weights \(settings.weightBits)")
    let candidate = try QuantizedModel(model, settings: settings)
    var reports: [AccuracyReport] = []
    for (values, expected) in zip(calibration, expected) {
      reports.append(
        AccuracyReport(
          model: model, expected: expected, found: try candidate.run(values).outputs))
    }
    return Attempt(model: candidate, reports: reports)
  }

  private func attempt(_ width: Int, _ activations: Int, _ weights: Int) -> Attempt? {
    try? attempt(settings(width: width, activations: activations, weights: weights))
  }

  /// The search among equalised programs, where these are other ones.
  var equalised: PrecisionSearch? {
    let other = model.equalised()
    guard other.isEqualised != model.isEqualised, other.graph != model.graph else { return nil }
    return try? PrecisionSearch(other, calibration, options)
  }

  /// The cheapest program within the tolerance; where none is, that of the equalised model, or the most accurate one.
  ///
  /// - Throws: the reason of the last attempt where no program runs on the calibration inputs.
  static func best(
    _ model: Model, _ calibration: [[[Double]]], _ options: QuantizationOptions
  ) throws(ModelError) -> (search: PrecisionSearch, attempt: Attempt) {
    let search = try PrecisionSearch(model, calibration, options)
    let found = Result { () throws(ModelError) in try search.best() }
    if case .success(let attempt) = found, attempt.error <= options.tolerance {
      return (search, attempt)
    }
    if let other = search.equalised, let attempt = try? other.best(),
      (try? found.get()).map({ attempt.isBetter(than: $0) }) ?? true
    {
      return (other, attempt)
    }
    return (search, try found.get())
  }

  /// The cheapest program within the tolerance, or the most accurate one where none is.
  ///
  /// - Throws: the reason of the last attempt where no program runs on the calibration inputs.
  func best() throws(ModelError) -> Attempt {
    var best: Attempt?
    var failure: ModelError?
    // Precision that the user fixed is one attempt for each width.
    let isFixed = options.activationBits != nil && options.weightBits != nil
    for width in Self.widths {
      for (activations, weights) in isFixed ? Array(Self.ladder.prefix(1)) : Self.ladder {
        let settings = settings(
          width: width,
          activations: options.activationBits ?? max(activations, options.leastBits),
          weights: options.weightBits ?? max(weights, options.leastBits))
        do throws(ModelError) {
          let next = try attempt(settings)
          if best.map({ next.isBetter(than: $0) }) ?? true { best = next }
        } catch {
          failure = error
          continue
        }
        guard let found = best, found.error <= options.tolerance else { continue }
        return narrowed(lowered(width, found))
      }
    }
    if let best { return best }
    throw failure?.ofCalibration ?? .invalidModel(reason: "it has no program")
  }

  /// Inputs of 8 bits, if they are good enough, cheaper, and those of more bits not worth what they cost.
  private func narrowed(_ found: Attempt) -> Attempt {
    let settings = found.model.settings
    guard
      let narrow = attempt(8, settings.activationBits, settings.weightBits),
      narrow.error <= options.tolerance, narrow.model.predictedCost < found.model.predictedCost
    else { return found }
    return isWorthwhile(found, over: narrow) ? found : narrow
  }

  /// Whether a program is so much more accurate than another one that some more constraints are worth it.
  private func isWorthwhile(_ finer: Attempt, over cheaper: Attempt) -> Bool {
    let (cost, more) = (
      cheaper.model.predictedCost, finer.model.predictedCost - cheaper.model.predictedCost
    )
    return 16 * (cheaper.error - finer.error) > options.tolerance && 16 * more <= cost
  }

  /// Lowers both precisions together while the tolerance holds, then each alone.
  private func lowered(_ width: Int, _ start: Attempt) -> Attempt {
    var best = start
    for (lessActivations, lessWeights) in [(1, 1), (0, 1), (1, 0)] {
      let step = (
        options.activationBits == nil ? lessActivations : 0,
        options.weightBits == nil ? lessWeights : 0
      )
      guard step != (0, 0) else { continue }
      let (activations, weights) = (
        best.model.settings.activationBits, best.model.settings.weightBits
      )
      let most = min(
        step.0 == 0 ? .max : activations - options.leastBits,
        step.1 == 0 ? .max : weights - options.leastBits)
      best = lowered(best, most: max(0, most)) { fewer in
        attempt(width, activations - fewer * step.0, weights - fewer * step.1)
      }
    }
    return best
  }

  /// The program with the fewest bits that keeps the tolerance.
  ///
  /// It is found by bisection, as fewer bits are hardly ever better. Where the next finer program does not keep the tolerance, it is
  /// good by chance: then the coarsest one that is not may be worth more.
  ///
  /// - Parameters:
  ///   - start: the program with all bits, which keeps the tolerance.
  ///   - most: how many bits can go.
  ///   - attempt: the program with so many bits fewer.
  private func lowered(_ start: Attempt, most: Int, _ attempt: (Int) -> Attempt?) -> Attempt {
    var good: Set = [0]
    var coarsest = (fewer: 0, attempt: start)
    func isGood(_ fewer: Int) -> Bool {
      if good.contains(fewer) { return true }
      guard let next = attempt(fewer), next.error <= options.tolerance else { return false }
      good.insert(fewer)
      if fewer > coarsest.fewer { coarsest = (fewer, next) }
      return true
    }
    /// The most bits below a limit that bisection finds can go.
    func fewest(below limit: Int) -> Int {
      var (found, limit) = (good.filter { $0 < limit }.max() ?? 0, limit)
      while limit - found > 1 {
        let middle = (found + limit) / 2
        if isGood(middle) { found = middle } else { limit = middle }
      }
      return found
    }
    let found = fewest(below: most + 1)
    var steady = found
    while steady > 0, !isGood(steady - 1) { steady = fewest(below: steady - 1) }
    guard steady < found, let finer = steady == 0 ? start : attempt(steady) else {
      return coarsest.attempt
    }
    return isWorthwhile(finer, over: coarsest.attempt) ? finer : coarsest.attempt
  }
}
