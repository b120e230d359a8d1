/// Files that hold several samples, one after the other.
extension InputFile.Tensor {
  /// How many samples of this size it holds; nil where it holds no whole number of them.
  func samples(ofSize size: Int) -> Int? {
    size > 0 && numbers.count >= size && numbers.count % size == 0 ? numbers.count / size : nil
  }

  /// The sample at a place.
  ///
  /// - Throws: `invalidInputFile` where there are several and none is chosen, or not as many.
  func sample(
    _ place: Int?, ofSize size: Int, input: String
  ) throws(ModelError) -> InputFile.Tensor {
    guard let count = samples(ofSize: size), count > 1 else { return self }
    guard let place, place < count else {
      throw .invalidInputFile(
        reason: "\(path) has \(count) samples of input \(input), \(size) elements each; "
          + "--sample N from 0 to \(count - 1) chooses one")
    }
    var part = self
    let range = place * size..<(place + 1) * size
    switch numbers {
    case .reals(let list): part.numbers = .reals(Array(list[range]))
    case .integers(let list): part.numbers = .integers(Array(list[range]))
    }
    part.texts = texts.map { Array($0[range]) }
    part.shape =
      shape.first.map { $0 % count == 0 } == true
      ? [shape[0] / count] + shape.dropFirst() : [size]
    return part
  }
}

extension InputFile {
  /// Names that numpy gives to arrays without one.
  private var hasNumberedNames: Bool {
    !tensors.isEmpty
      && Set(tensors.map(\.name)) == Set(tensors.indices.map { .some("arr_\($0)") })
  }

  /// The tensors by the names of a model's inputs.
  ///
  /// - Parameters:
  ///   - names: the inputs in the model's order.
  ///   - fixed: those that need not be given.
  ///   - sample: which sample is meant where an unnamed file has several rows for each input.
  /// - Throws: `countMismatch`, or `invalidInputFile` with the names that are missing or unknown.
  func assigned(
    to names: [String], besides fixed: Set<String> = [], sample: Int? = nil
  ) throws(ModelError) -> [String: Tensor] {
    let needed = names.filter { !fixed.contains($0) }
    var list = tensors
    if hasNumberedNames, !names.contains(where: { $0.hasPrefix("arr_") }) {
      for (index, tensor) in tensors.enumerated() {
        // Numbers in names, not letters, are their order.
        list[tensor.name.flatMap { Int($0.dropFirst(4)) } ?? index] = tensor
      }
      for index in list.indices { list[index].name = nil }
    }
    guard list.contains(where: { $0.name != nil }) else {
      let order = list.count == names.count ? names : needed
      if list.count != order.count, !order.isEmpty, list.count % order.count == 0 {
        let count = list.count / order.count
        guard let sample, sample < count else {
          throw .invalidInputFile(
            reason:
              "it has \(list.count) lists for \(order.count) input\(order.count == 1 ? "" : "s"); "
              + "--sample N from 0 to \(count - 1) chooses one")
        }
        list = Array(list[sample * order.count..<(sample + 1) * order.count])
      }
      guard list.count == order.count else {
        throw .countMismatch(what: "inputs", expected: names.count, found: list.count)
      }
      return Dictionary(zip(order, list)) { first, _ in first }
    }
    // Names that are spelt differently can be equal as strings, their bytes cannot.
    let known = Dictionary(names.map { (Array($0.utf8), $0) }) { first, _ in first }
    var given: [String: Tensor] = [:]
    var unknown: [String] = []
    for tensor in list {
      let name = tensor.name ?? ""
      if let own = known[Array(name.utf8)] { given[own] = tensor } else { unknown.append(name) }
    }
    let missing = needed.filter { given[$0] == nil }
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
    return given
  }

  /// The numbers of one of a model's inputs, of all samples; none where the file does not fit the model.
  func samples(of name: String, of names: [String], besides fixed: Set<String>) -> [Numbers] {
    let needed = names.filter { !fixed.contains($0) }.count
    var lists: [Numbers] = []
    for sample in 0..<max(1, tensors.count / max(1, needed)) {
      guard let given = try? assigned(to: names, besides: fixed, sample: sample),
        let tensor = given[name]
      else { break }
      lists.append(tensor.numbers)
      // Only of lists without names there are more.
      if tensors.contains(where: { $0.name != nil }) { break }
    }
    return lists
  }

  /// How many samples it holds for inputs of these sizes.
  func sampleCount(_ sizes: [String: Int], names: [String], besides fixed: Set<String>) -> Int {
    let needed = names.filter { !fixed.contains($0) }.count
    if !tensors.contains(where: { $0.name != nil }), needed > 0, tensors.count % needed == 0,
      tensors.count != names.count, tensors.count > needed
    {
      return tensors.count / needed
    }
    guard let given = try? assigned(to: names, besides: fixed) else { return 1 }
    return given.reduce(1) { most, entry in
      max(most, sizes[entry.key].flatMap(entry.value.samples) ?? 1)
    }
  }
}
