extension Model {
  /// What an input file gives for each input of the program, as numbers of its type.
  ///
  /// Numbers are rounded to the float type of their input, as every runtime rounds them.
  /// - Throws: `invalidInputFile` for names that do not fit, `countMismatch`, `notFinite`, `invalidInput`.
  public func numbers(of file: InputFile) throws(ModelError) -> [Numbers] {
    let tensors = try file.ordered(names: declaredInputs.map(\.name))
    for (port, tensor) in zip(declaredInputs, tensors) where !tensor.fits(port.shape) {
      if tensor.numbers.count != port.count {
        throw .countMismatch(
          what: "elements of input \(port.name)", expected: port.count, found: tensor.numbers.count)
      }
      throw .invalidInputFile(
        reason: "\(tensor.path) has shape \(tensor.shape), input \(port.name) has \(port.shape)")
    }
    var own: [Numbers] = []
    for (port, tensor) in zip(declaredInputs, tensors) {
      try port.check(tensor.numbers)
      let numbers = tensor.numbers.held(as: port.elementType, rounding: true)
      if inputs.contains(where: { $0.name == port.name }) { own.append(numbers) }
      let fixed = fixedInputs.first { $0.name == port.name }
      guard fixed.map({ $0.values == numbers.reals }) ?? true else {
        throw .invalidInputFile(
          reason: "input \(port.name) decides the form of the program, which was made for other "
            + "numbers of it")
      }
    }
    return own
  }

  /// The same in doubles, for calibration: integers beyond 2^53 are rounded towards 0.
  public func values(of file: InputFile) throws(ModelError) -> [[Double]] {
    try numbers(of: file).map { numbers in
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

extension InputFile {
  /// The tensors in the order of a model's inputs.
  ///
  /// - Throws: `countMismatch`, or `invalidInputFile` with the names that are missing or unknown.
  func ordered(names: [String]) throws(ModelError) -> [Tensor] {
    guard tensors.contains(where: { $0.name != nil }) else {
      guard tensors.count == names.count else {
        throw .countMismatch(what: "inputs", expected: names.count, found: tensors.count)
      }
      return tensors
    }
    let given = Dictionary(
      tensors.map { ($0.name ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    let missing = names.filter { given[$0] == nil }
    let unknown = tensors.compactMap(\.name).filter { !names.contains($0) }
    guard missing.isEmpty, unknown.isEmpty else {
      func list(_ names: [String]) -> String { names.prefix(8).joined(separator: ", ") }
      let parts = [
        missing.isEmpty ? nil : "\(list(missing)) missing",
        unknown.isEmpty ? nil : "\(list(unknown)) unknown",
      ]
      throw .invalidInputFile(
        reason: "input_data: " + parts.compactMap { $0 }.joined(separator: ", ")
          + "; the model's inputs are \(list(names))")
    }
    return names.map { given[$0]! }
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
