/// What an attribute of an operator has to be, so that reading it means the same here and in every runtime.
enum AttributeForm: Sendable {
  case integer, integers, float, floats, text, texts, tensor, sparseTensor, graph
  /// 0 or 1: runtimes differ about other numbers.
  case flag
  /// Each 0 or 1.
  case flags
  /// One of these, and what is not listed is no default.
  case word(Set<String>)
  /// One of these integers; others are not supported.
  case only(Set<Int64>)
  /// Without meaning for inference: hints, seeds, the precision of steps in between, counts of training.
  case unread
  /// Of operators of these versions of their set, and else unknown.
  indirect case of(Range<Int>, AttributeForm)

  /// The form in this version and later ones.
  func since(_ version: Int) -> AttributeForm { .of(version..<Int.max, self) }

  /// The form in versions before this one.
  func before(_ version: Int) -> AttributeForm { .of(0..<version, self) }

  /// The form in a version; nil where there is no such attribute.
  func form(in version: Int) -> AttributeForm? {
    guard case .of(let versions, let form) = self else { return self }
    return versions.contains(version) ? form : nil
  }

  /// The kind of attribute that it is; nil: any.
  var kind: OnnxModel.Attribute.Kind? {
    switch self {
    case .integer, .flag, .only: .integer
    case .integers, .flags: .integers
    case .float: .float
    case .floats: .floats
    case .text, .word: .text
    case .texts: .texts
    case .tensor: .tensor
    case .sparseTensor: .sparseTensor
    case .graph: .graph
    case .unread: nil
    case .of(_, let form): form.kind
    }
  }

  /// Why an attribute is not of this form; nil if it is.
  fileprivate func objection(to attribute: OnnxModel.Attribute) -> String? {
    if let kind, kind != attribute.kind {
      return "is of type \(attribute.kind), not \(kind)"
    }
    switch self {
    case .flag where attribute.integer.map { !(0...1).contains($0) } ?? true,
      .flags where !attribute.integers.allSatisfy { (0...1).contains($0) }:
      return "is neither 0 nor 1"
    case .word(let words) where !words.contains(attribute.text ?? ""):
      return "\(attribute.text ?? "") is none of \(words.sorted().joined(separator: ", "))"
    case .only(let numbers) where !numbers.contains(attribute.integer ?? 0):
      return "\(attribute.integer ?? 0) is not supported"
    default:
      return nil
    }
  }
}

extension NodeContext {
  /// Refuses an operator that the model's operator set has not, and attributes that its translation does not read as they are meant.
  ///
  /// Names that begin with two underscores are those of tools, which every runtime ignores.
  func checkForm() throws(ModelError) {
    let versions = Operators.versions(of: node.op, in: node.domain)
    try require(
      versions.contains(version),
      "operator set \(version) has no such operator, "
        + (version < versions.lowerBound
          ? "\(versions.lowerBound) is the first that has"
          : "\(versions.upperBound - 1) is the last that has"))
    let forms = AttributeForm.all(of: node.op, in: node.domain)
    for attribute in node.attributes where !attribute.name.hasPrefix("__") {
      guard let known = forms[attribute.name] else {
        throw error("attribute \(attribute.name) is not supported")
      }
      guard let form = known.form(in: version) else {
        throw error("attribute \(attribute.name) is none of operator set \(version)")
      }
      if let objection = form.objection(to: attribute) {
        throw error("attribute \(attribute.name) \(objection)")
      }
    }
  }
}
