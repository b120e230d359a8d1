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

  /// The kind of attribute that it is; nil: any.
  private var kind: OnnxModel.Attribute.Kind? {
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
  /// Refuses attributes that the translation of the node's operator does not read as they are meant.
  ///
  /// Names that begin with two underscores are those of tools, which every runtime ignores.
  func checkAttributes() throws(ModelError) {
    let forms = AttributeForm.all(of: node)
    for attribute in node.attributes where !attribute.name.hasPrefix("__") {
      guard let form = forms[attribute.name] else {
        throw error("attribute \(attribute.name) is not supported")
      }
      if let objection = form.objection(to: attribute) {
        throw error("attribute \(attribute.name) \(objection)")
      }
    }
  }
}
