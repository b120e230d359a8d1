/// Numbers that are missing in an input (NaN): where they may be is known while a model is translated, and only operators that say
/// what becomes of them read them.
extension NodeContext {
  /// Operators that move elements: what is missing moves along.
  private static let moving: Set<String> = [
    "ArrayFeatureExtractor", "Concat", "Expand", "Flatten", "Gather", "GatherElements", "Identity",
    "Reshape", "Slice", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze",
  ]
  /// Operators that say what becomes of a missing number.
  private static let reading: Set<String> = [
    "Imputer", "IsNaN", "TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor", "Where",
  ]

  /// An input of which some elements may be missing: a number stands for these.
  func input(_ term: Term, mark: Double) throws(ModelError) -> Term {
    let mask = try compare(.equal, term, Term(mark, type: term.type))
    var present = try select(mask, Term(0, type: term.type), term)
    present.missing = Term.Missing(mask)
    return present
  }

  /// The node's results, and which of their elements may be missing.
  ///
  /// - Throws: where the operator would compute with a number that may be missing.
  func translated(_ translate: Operators.Translation) throws(ModelError) -> [Term] {
    let terms = try translate(self)
    guard operands.contains(where: { $0?.missing != nil }), !Self.reading.contains(node.op) else {
      return terms
    }
    if node.op == "Cast" {
      var term = terms[0]
      try require(
        !term.type.isInteger, "a number that may be missing (NaN) is cast to \(term.type.word)")
      term.missing = try operand(0).missing
      return [term]
    }
    try require(
      Self.moving.contains(node.op),
      "a number that it reads may be missing (NaN); impute it in the model, or give a number")
    let masks = try translate(ofMasks())
    return zip(terms, masks).map { term, mask in
      var term = term
      term.missing = Term.Missing(any: mask)
      return term
    }
  }

  /// A term that others become by moving or choosing their elements: what is missing of them goes along.
  func moved(
    _ terms: [Term], _ move: ([Term]) throws(ModelError) -> Term
  ) throws(ModelError) -> Term {
    var result = try move(terms)
    guard terms.contains(where: { $0.missing != nil }) else { return result }
    var masks: [Term] = []
    for term in terms { masks.append(try mask(of: term)) }
    result.missing = Term.Missing(any: try move(masks).typed(.bool))
    return result
  }

  /// One of two terms of a shape, type and list of texts, as a truth value says, which is not known.
  func choice(_ flag: Term, _ a: Term, _ b: Term) throws(ModelError) -> Term {
    var result = try moved([a, b]) { (terms) throws(ModelError) in
      try select(flag.reshaped([]), terms[0], terms[1]).typed(terms[0].type)
    }
    result.labels = a.labels
    return result
  }

  /// Which elements of a term are no numbers (NaN): those that are missing of an input, or that the model computes as such.
  private func mask(of term: Term) throws(ModelError) -> Term {
    if let missing = term.missing { return missing.mask }
    return try special(.nan, term)
  }

  /// The node with what is missing of its operands instead of these; places that it reads stay.
  private func ofMasks() throws(ModelError) -> NodeContext {
    var masks = operands
    for (index, operand) in operands.enumerated() where index == 0 || node.op == "Concat" {
      masks[index] = try operand.map { (term) throws(ModelError) in try mask(of: term) }
    }
    return NodeContext(
      node: node, name: name, opset: opset, operands: masks, recorder: recorder)
  }

  /// What stands where a condition holds, else the other number, of which some are missing just where the condition says so.
  func chosen(_ condition: Term, _ a: Term, _ b: Term) throws(ModelError) -> Term {
    // The condition has to be that mask, element by element: of one value, and of one shape but for leading ones.
    func isMask(_ mask: Term) -> Bool {
      func shape(_ term: Term) -> ArraySlice<Int> { term.shape.drop { $0 == 1 } }
      return mask.variable != nil && mask.variable == condition.variable
        && shape(mask) == shape(condition)
    }
    try require(
      condition.missing == nil && a.missing == nil && b.missing.map { isMask($0.mask) } ?? true,
      "a number that it chooses may be missing (NaN)")
    return try select(condition, a, b).typed(a.type)
  }
}
