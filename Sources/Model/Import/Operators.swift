/// The operators that can be proven, by their ONNX names; each family has a file of its own.
enum Operators {
  /// Turns a node into terms, one per output that it computes, in their order.
  typealias Translation = @Sendable (NodeContext) throws(ModelError) -> [Term]

  /// Every supported operator of the standard domain.
  static let standard = merged([
    activations, arithmetic, comparisons, rounding, functions, matrices, convolutions, pooling,
    normalizations, reductions, movements, indexing, resizing, generators, recurrent, quantized,
    losses, attention, fourier, images,
  ])

  /// Every supported operator of the domain ai.onnx.ml.
  static let classical = merged([trees, linearModels, labels, supportVectors])

  /// The operators of the domain com.microsoft, which onnxruntime's optimiser and quantiser write, that are supported.
  static let microsoft = merged([fused, fusedAttention, fusedQuantized])

  /// The translation of a node's operator; nil if it is not supported.
  static func translation(_ node: OnnxModel.Node) -> Translation? {
    switch node.domain {
    case "", "ai.onnx": standard[node.op]
    case "ai.onnx.ml": classical[node.op]
    case "com.microsoft": microsoft[node.op]
    default: nil
    }
  }

  private static func merged(_ families: [[String: Translation]]) -> [String: Translation] {
    families.reduce(into: [:]) { all, family in
      all.merge(family) { _, _ in preconditionFailure("an operator is in two families") }
    }
  }

  /// A classifier, whose first output is a label; of texts, a place in the list of those that differ.
  static func classifier(_ translate: @escaping Translation) -> Translation {
    { (node) throws(ModelError) in
      var terms = try translate(node)
      let texts = node.attribute("classlabels_strings")?.texts ?? []
      if !terms.isEmpty, !texts.isEmpty {
        terms[0].labels = Labels(.elements, Labels.distinct(texts).texts)
      }
      return terms
    }
  }

  /// A translation with one output.
  static func one(
    _ translate: @escaping @Sendable (NodeContext) throws(ModelError) -> Term
  ) -> Translation {
    { (node) throws(ModelError) in [try translate(node)] }
  }

  /// A translation of the first operand to one output.
  static func unary(
    _ translate: @escaping @Sendable (NodeContext, Term) throws(ModelError) -> Term
  ) -> Translation {
    { (node) throws(ModelError) in [try translate(node, node.operand(0))] }
  }

  /// A translation of the first two operands to one output.
  static func binary(
    _ translate: @escaping @Sendable (NodeContext, Term, Term) throws(ModelError) -> Term
  ) -> Translation {
    { (node) throws(ModelError) in [try translate(node, node.operand(0), node.operand(1))] }
  }
}
