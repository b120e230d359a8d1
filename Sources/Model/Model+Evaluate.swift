extension Model {
  /// The outputs of the model as ONNX defines it, one tensor per output.
  ///
  /// Integers are exact and wrap at their width; what every operator makes is rounded to its float type.
  /// - Throws: `countMismatch`, and `notFinite` for an input or an output.
  public func evaluate(_ inputs: [Numbers]) throws(ModelError) -> [Numbers] {
    try check(inputs)
    let results = importedGraph.evaluate(inputs)
    let found = importedGraph.outputs.map { results[$0] }
    for (port, numbers) in zip(outputs, found) {
      guard case .reals(let list) = numbers,
        let element = list.firstIndex(where: { !$0.isFinite })
      else { continue }
      if let step = importedGraph.firstUndefined(results) { throw step }
      throw .notFinite(tensor: port.name, element: element)
    }
    return found
  }

  /// The same in doubles.
  public func evaluate(_ values: [[Double]]) throws(ModelError) -> [[Double]] {
    try evaluate(values.map(Numbers.reals)).map(\.reals)
  }

  /// Checks that inputs fit in number and element counts and are numbers of their types.
  func check(_ inputs: [Numbers]) throws(ModelError) {
    guard inputs.count == self.inputs.count else {
      throw .countMismatch(what: "inputs", expected: self.inputs.count, found: inputs.count)
    }
    for (port, numbers) in zip(self.inputs, inputs) {
      guard numbers.count == port.count else {
        throw .countMismatch(
          what: "elements of input \(port.name)", expected: port.count, found: numbers.count)
      }
      try port.check(numbers)
    }
  }

  /// The same for doubles.
  func check(_ values: [[Double]]) throws(ModelError) { try check(values.map(Numbers.reals)) }
}

extension Model.Port {
  /// Checks that every number is one of the type.
  func check(_ numbers: Numbers) throws(ModelError) {
    guard let bounds = elementType.bounds else {
      for (element, number) in numbers.reals.enumerated()
      where !elementType.rounded(number).isFinite {
        guard number.isFinite else { throw .notFinite(tensor: name, element: element) }
        throw .invalidInput(
          input: name, element: element, value: "\(number)", allowed: elementType.word)
      }
      return
    }
    switch numbers {
    case .integers(let list):
      if let element = list.firstIndex(where: { !bounds.contains($0) }) {
        throw wrongNumber(element, "\(list[element])", bounds)
      }
    case .reals(let list):
      for (element, number) in list.enumerated() {
        guard number.isFinite else { throw .notFinite(tensor: name, element: element) }
        guard let integer = Int128(whole: number), bounds.contains(integer) else {
          throw wrongNumber(element, "\(number)", bounds)
        }
      }
    }
  }

  private func wrongNumber(
    _ element: Int, _ value: String, _ bounds: ClosedRange<Int128>
  ) -> ModelError {
    .invalidInput(
      input: name, element: element, value: value,
      allowed:
        "\(elementType.word): whole numbers from \(bounds.lowerBound) to \(bounds.upperBound)"
    )
  }
}

extension Graph {
  /// The first step that makes something infinite or no number of finite numbers.
  fileprivate func firstUndefined(_ results: [Numbers]) -> ModelError? {
    func strange(_ value: ValueID) -> Int? {
      guard case .reals(let list) = results[value] else { return nil }
      return list.firstIndex { !$0.isFinite }
    }
    for step in steps {
      if case .constant = step.kind { continue }
      guard let element = strange(step.output), step.inputs.allSatisfy({ strange($0) == nil })
      else { continue }
      return .undefined(node: step.name, element: element)
    }
    return nil
  }
}
