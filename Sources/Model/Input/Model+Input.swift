extension Model {
  /// What an input file gives for each input of the program, as numbers of its type.
  ///
  /// Numbers are rounded to the float type of their input, as every runtime rounds them. Of several samples the chosen one is
  /// taken.
  /// - Throws: `invalidInputFile` for names that do not fit, `countMismatch`, `notFinite`, `invalidInput`.
  public func numbers(of file: InputFile) throws(ModelError) -> [Numbers] {
    try numbers(of: file, sample: choices.sample ?? (choices.takesAnySample ? 0 : nil))
  }

  private func numbers(of file: InputFile, sample: Int?) throws(ModelError) -> [Numbers] {
    let given = try file.assigned(
      to: declaredInputs.map(\.name), besides: Set(choices.fixed.keys), sample: sample)
    var own: [Numbers] = []
    for port in declaredInputs {
      guard let whole = given[port.name] else { continue }
      let tensor = try whole.sample(sample, ofSize: port.count, input: port.name)
      guard tensor.numbers.count == port.count else {
        throw .countMismatch(
          what: "elements of input \(port.name)", expected: port.count, found: tensor.numbers.count)
      }
      guard tensor.fits(port.shape) else {
        throw .invalidInputFile(
          reason: "\(tensor.path) has shape \(tensor.shape), input \(port.name) has \(port.shape)")
      }
      let given = try port.numbers(
        of: tensor, mark: missing.first { $0.name == port.name })
      try port.check(given)
      let numbers = given.held(as: port.elementType, rounding: true)
      if inputs.contains(where: { $0.name == port.name }) { own.append(numbers) }
      let fixed = fixedInputs.first { $0.name == port.name }
      let isTheSame = fixed.map {
        $0 == FixedInput(name: port.name, shape: port.shape, numbers: numbers)
      }
      guard isTheSame ?? true else {
        throw .invalidInputFile(
          reason: "input \(port.name) decides the form of the program, which was made for other "
            + "numbers of it")
      }
    }
    // Where all inputs are fixed, one is an input of the program nevertheless.
    for port in inputs where given[port.name] == nil {
      let fixed = fixedInputs.first { $0.name == port.name }
      own.append(fixed?.numbers ?? .reals([]))
    }
    return own
  }

  /// The same as `doubles`.
  public func values(of file: InputFile) throws(ModelError) -> [[Double]] {
    Self.doubles(try numbers(of: file))
  }

  /// The same as `numbers` for every sample of a file, in order.
  public func samples(of file: InputFile) throws(ModelError) -> [[Numbers]] {
    let sizes = Dictionary(declaredInputs.map { ($0.name, $0.count) }) { first, _ in first }
    let count = file.sampleCount(
      sizes, names: declaredInputs.map(\.name), besides: Set(choices.fixed.keys))
    var samples: [[Numbers]] = []
    for sample in 0..<count { samples.append(try numbers(of: file, sample: sample)) }
    return samples
  }

  /// Numbers in doubles, for calibration: integers beyond 2^53 are rounded towards 0.
  public static func doubles(_ numbers: [Numbers]) -> [[Double]] {
    numbers.map { numbers in
      guard case .integers(let list) = numbers else { return numbers.reals }
      return list.map { integer in
        let number = Double(integer)
        let isLarger = Int128(exactly: number).map { $0.magnitude > integer.magnitude } ?? false
        return isLarger ? (number < 0 ? number.nextUp : number.nextDown) : number
      }
    }
  }

  /// Numbers that the inputs may take, for plans before there is a real input; the same in every run.
  ///
  /// Reals spread evenly over [-1, 1]; integers are 0 and 1.
  public var sampleInput: [[Double]] {
    inputs.map { port in
      (0..<port.count).map { element in
        // Multiples of the golden ratio modulo 1: any run of them is spread evenly.
        let turns = Double(element + 1) * 0.618_033_988_749_894_9
        let number = 2 * (turns - turns.rounded(.down)) - 1
        return port.elementType.isInteger ? (number > 0 ? 1 : 0) : port.elementType.rounded(number)
      }
    }
  }
}

extension InputFile.Tensor {
  /// Whether it can stand for a tensor of a shape: flat, or nested like it up to dimensions of 1.
  func fits(_ shape: [Int]) -> Bool {
    guard numbers.count == shape.reduce(1, *) else { return false }
    let own = self.shape.filter { $0 != 1 }
    return own.count <= 1 || shape.contains(0) || own == shape.filter { $0 != 1 }
  }
}

extension Model.Port {
  /// The numbers that a tensor's elements are proven as: of texts the places in the model's list, and the one after it for texts that
  /// the model does not know.
  fileprivate func numbers(
    of tensor: InputFile.Tensor, mark: MissingMark?
  ) throws(ModelError) -> Numbers {
    if let mark { return try marked(tensor.numbers, mark) }
    guard let texts = tensor.texts else { return tensor.numbers }
    guard let labels, labels.kind == .elements else {
      throw .invalidInputFile(
        reason: "\(tensor.path) holds texts, input \(name) takes numbers (\(elementType.word))")
    }
    // Texts that are spelt differently can be equal as strings, their bytes cannot.
    let places = Dictionary(
      labels.texts.enumerated().map { (Array($1.utf8), $0) },
      uniquingKeysWith: { first, _ in first })
    return .integers(texts.map { Int128(places[Array($0.utf8)] ?? labels.texts.count) })
  }

  /// The numbers with a mark for those that are missing.
  private func marked(_ numbers: Numbers, _ mark: MissingMark) throws(ModelError) -> Numbers {
    let reals = numbers.reals
    if let element = reals.firstIndex(where: { abs($0) > mark.limit }) {
      throw .invalidInput(
        input: name, element: element, value: "\(reals[element])",
        allowed:
          "\(elementType.word) from \(-mark.limit) to \(mark.limit), where \(mark.mark) is a missing number"
      )
    }
    return .reals(reals.map { $0.isNaN ? mark.mark : $0 })
  }
}
