import Model

/// What the settings say about numbers of inputs that the document shows.
extension DocumentStatement {
  /// Whether inputs that the program was made for are shown and committed to with the numbers that it was made for: no circuit reads
  /// them, so nothing else would tell.
  var fixedInputCheck: DocumentCheck {
    let fixed = settings?.fixedInputs ?? []
    var failures: [String] = []
    for tensor in inputs {
      guard let own = fixed.first(where: { $0.name.utf8.elementsEqual(tensor.name.utf8) }) else {
        continue
      }
      failures += failuresOfFixed(tensor, own).map { "'\(tensor.name)': \($0)" }
    }
    return DocumentCheck(
      "fixed inputs", failures,
      otherwise: fixed.isEmpty ? "none" : "what is shown of \(fixed.count) is what the settings fix"
    )
  }

  private func failuresOfFixed(_ tensor: BoundTensor, _ fixed: FixedInput) -> [String] {
    guard let expected = fixed.integers(scale: tensor.scale) else {
      return ["the numbers that the settings fix have no integers at this scale"]
    }
    switch tensor.visibility {
    case .public:
      let first = zip(tensor.integers ?? [], expected).enumerated().first { $1.0 != $1.1 }
      if let first {
        let shown = Double(first.element.0) / tensor.scale
        return ["element \(first.offset) is shown as \(shown), the settings fix another number"]
      }
      return tensor.integers?.count == expected.count
        ? [] : ["not as many numbers are shown as the settings fix"]
    case .hashed: return tensor.commitmentFailures(expected)
    case .private: return []
    }
  }

  /// Whether every number that is shown of an input with a mark for missing ones is the mark, or far enough from it not to be read
  /// as missing.
  var missingNumberCheck: DocumentCheck {
    let marks = settings?.missing ?? []
    var failures: [String] = []
    for tensor in inputs {
      let mark = marks.first { $0.name.utf8.elementsEqual(tensor.name.utf8) }
      guard let mark else { continue }
      guard let integer = mark.integer(scale: tensor.scale) else {
        failures.append("'\(tensor.name)': \(mark.mark) is no mark at this scale")
        continue
      }
      let element = tensor.integers?.firstIndex { !mark.admits($0, mark: integer) }
      if let element {
        failures.append(
          "'\(tensor.name)': element \(element) is beyond what \(mark.mark) can be the mark of missing numbers for"
        )
      }
    }
    return DocumentCheck(
      "missing numbers", failures,
      otherwise: marks.isEmpty ? "none" : "marks of \(marks.count) inputs lie beyond their numbers")
  }

  private var inputs: [BoundTensor] { tensors.first { $0.kind == .input }?.tensors ?? [] }
}
