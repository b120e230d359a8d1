/// Every choice of a quantisation: with the model's bytes they determine the integer program.
public struct QuantizationSettings: Hashable, Sendable, Codable {
  /// Version of the rules that turn model and settings into integers.
  public static let format = "ezkl-settings/5"

  /// The rules these settings were made for.
  public var format = Self.format
  /// Shapes of the model's inputs, without dynamic dimensions.
  public var inputShapes: [[Int]]
  /// Inputs that the program was made for, with their numbers; nil or empty if there are none.
  public var fixedInputs: [FixedInput]?
  /// What stands for missing numbers, of inputs that have such; nil if there are none.
  public var missing: [MissingMark]?
  /// Bits of each input's integers: 8, 16, or 32 to 64.
  public var inputWidths: [Int]
  /// Binary digits after the point of each input.
  public var inputScaleBits: [Int]
  /// For each input and each place along its last dimension, the lowest bits that sums and layers do not read: numbers of
  /// very different size share an input without drowning each other. Empty where they read all bits.
  public var droppedInputBits: [[Int]]
  /// Bits of a rounded value at its largest magnitude seen in calibration, without sign and headroom.
  public var activationBits: Int
  /// Bits of the largest coefficient of an affine map, without sign.
  public var weightBits: Int
  /// Further bits of a rounded value's range, for inputs that were not in the calibration set.
  public var headroomBits: Int
  /// For every value of the model, the smallest number seen in calibration.
  public var lowest: [Double]
  /// For every value of the model, the largest number seen in calibration.
  public var highest: [Double]
  /// For every value of the model, bits that it has beyond `activationBits`; may be negative.
  public var extraBits: [Int]
  /// Values that only softmaxes read and in which calibration saw numbers far below the largest ones, as masks are: these
  /// are raised to a bound at which they still vanish. Ascending.
  public var masked: [Int]
  /// True: channels of layers are brought to one size before anything is rounded; nil: they are as the model has them.
  public var equalised: Bool?
  /// For every value of the model that committed weights lead to, their integers; nil where weights are constants.
  public var parameters: [ParameterFormat?]?

  /// Bounds that keep every number far from overflow.
  static let bitLimits = 2...40
  static let scaleLimits = -140...140
  static let extraLimits = -16...16
  static let largestNumber = 0x1p130
  /// Inputs of this width leave a bit for the difference of two of them and one for its sign.
  static let widest = 62
  /// Bits that a layer reads of an input some of whose bits it does not read, at the calibrated magnitude.
  static let columnBits = 24

  func check(inputs: Int, values: Int) throws(ModelError) {
    guard format == Self.format else {
      throw .invalidSettings(reason: "format \(format) is not \(Self.format)")
    }
    guard inputWidths.count == inputs, inputScaleBits.count == inputs,
      droppedInputBits.count == inputs, inputShapes.count == inputs, lowest.count == values,
      highest.count == values, extraBits.count == values
    else { throw .invalidSettings(reason: "they were made for another model") }
    let fixed = fixedInputs ?? []
    guard fixed.allSatisfy(\.isUsable), Set(fixed.map(\.name)).count == fixed.count else {
      throw .invalidSettings(reason: "the numbers of a fixed input do not fit its shape")
    }
    guard (missing ?? []).allSatisfy(\.isUsable) else {
      throw .invalidSettings(reason: "a mark of missing numbers is no negative power of two")
    }
    guard inputWidths.allSatisfy({ [8, 16].contains($0) || (32...64).contains($0) }),
      zip(droppedInputBits, inputShapes).allSatisfy({ dropped, shape in
        dropped.isEmpty || dropped.count == shape.last ?? 1
      }), droppedInputBits.joined().allSatisfy((0...Self.widest).contains),
      masked.allSatisfy((0..<values).contains), zip(masked, masked.dropFirst()).allSatisfy(<),
      inputScaleBits.allSatisfy(Self.scaleLimits.contains),
      zip(lowest, highest).allSatisfy({ -Self.largestNumber <= $0 && $0 <= $1 }),
      highest.allSatisfy({ $0 <= Self.largestNumber }),
      extraBits.allSatisfy(Self.extraLimits.contains),
      Self.bitLimits.contains(activationBits), Self.bitLimits.contains(weightBits),
      (0...16).contains(headroomBits)
    else { throw .invalidSettings(reason: "a number is outside its limits") }
    guard let parameters else { return }
    guard parameters.count == values, parameters.allSatisfy({ $0?.isUsable ?? true }) else {
      throw .invalidSettings(reason: "the formats of committed weights do not fit")
    }
  }

  /// Checks that whole numbers are taken as they are, in no more bits than their type has, and that two reals can be
  /// subtracted.
  func check(inputsOf graph: Graph) throws(ModelError) {
    for (index, input) in graph.inputs.enumerated() {
      let isUsable =
        graph.values[input].isInteger
        ? inputScaleBits[index] == 0 && droppedInputBits[index].allSatisfy { $0 == 0 }
          && inputWidths[index] <= Self.widest(graph.values[input].type)
        : inputWidths[index] <= Self.widest
      guard isUsable else {
        throw .invalidSettings(
          reason: "input '\(graph.values[input].name)' has a width or scale that its type excludes")
      }
    }
    try checkMarks(ofInputs: graph.inputs, of: graph)
  }

  /// Checks that marks of missing numbers lie beyond all that calibration saw of their inputs, and are integers that no rounding
  /// leads to.
  private func checkMarks(ofInputs inputs: [Int], of graph: Graph) throws(ModelError) {
    for mark in missing ?? [] {
      let place = inputs.firstIndex { graph.values[$0].name.utf8.elementsEqual(mark.name.utf8) }
      guard let place, lowest[inputs[place]] >= mark.mark, highest[inputs[place]] <= mark.limit,
        let integer = mark.integer(
          scale: Double(sign: .plus, exponent: inputScaleBits[place], significand: 1)),
        integer >= -1 << Int64(inputWidths[place] - 1)
      else {
        throw .invalidSettings(
          reason:
            "\(mark.mark), which stands for a missing number of input '\(mark.name)', is not beyond its numbers"
        )
      }
    }
  }

  /// The largest width of an input of an integer type; the smallest width there is holds truth values and 2 or 4 bits.
  static func widest(_ type: ElementType) -> Int { max(8, type.bitCount ?? 64) }

  /// The smallest e with every calibrated magnitude of a value at most 2^e, within limits; 0 if all are 0.
  func magnitude(_ value: Int) -> Int {
    Self.magnitude(max(abs(lowest[value]), abs(highest[value])))
  }

  /// The smallest e with number <= 2^e, within limits; 0 for 0.
  static func magnitude(_ number: Double) -> Int {
    guard number > 0 else { return 0 }
    let exponent = Int(number.exponent) + (number.significand == 1 ? 0 : 1)
    return min(max(exponent, -64), 130)
  }

  /// Where a masked value's numbers are cut off from below: e^-32 times the largest of them is nothing.
  func floor(_ value: Int) -> Double { domain(value).lowerBound - 32 }

  /// The least that the largest number of a softmax's row may be: e^-20 times it is what stands at the floor.
  func leastMaximum(_ value: Int) -> Double { floor(value) + 20 }

  /// The numbers that a value may take: those of calibration with headroom outwards on both sides.
  func domain(_ value: Int) -> ClosedRange<Double> {
    let factor = Double(sign: .plus, exponent: headroomBits, significand: 1)
    let (low, high) = (lowest[value], highest[value])
    return (low < 0 ? low * factor : low / factor)...(high < 0 ? high / factor : high * factor)
  }
}

/// What a user may ask of a quantisation.
public struct QuantizationOptions: Hashable, Sendable, Codable {
  /// Largest error of an output on the calibration inputs, absolute or relative to outputs above 1.
  public var tolerance: Double
  /// Fixed precision of rounded values; where nil the smallest that meets the tolerance is chosen.
  public var activationBits: Int?
  /// Fixed precision of coefficients, likewise.
  public var weightBits: Int?
  /// The search takes no precision below this, however good the outputs are.
  public var leastBits: Int
  /// Bits of headroom over the calibrated ranges: 2 allows values four times as large.
  public var headroomBits: Int

  /// Options; the defaults choose the cheapest precision with outputs within 5e-4.
  public init(
    tolerance: Double = 5e-4, activationBits: Int? = nil, weightBits: Int? = nil,
    leastBits: Int = 4, headroomBits: Int = 2
  ) {
    self.tolerance = tolerance
    self.activationBits = activationBits
    self.weightBits = weightBits
    self.leastBits = leastBits
    self.headroomBits = headroomBits
  }
}
