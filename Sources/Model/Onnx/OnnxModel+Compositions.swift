extension OnnxModel {
  /// Refuses a model in which two names of values differ in their bytes alone: runtimes tell them apart, comparisons of texts by their
  /// characters do not.
  func checkCompositions() throws(ModelError) {
    var known: Set<String> = []
    func check(_ name: String) throws(ModelError) {
      let (isNew, member) = known.insert(name)
      guard isNew || name.utf8.elementsEqual(member.utf8) else {
        throw .invalidModel(
          reason: "two values are called \(name), by different characters (Unicode compositions)")
      }
    }
    func check(_ nodes: [Node]) throws(ModelError) {
      for node in nodes {
        for name in node.inputs { try check(name) }
        for name in node.outputs { try check(name) }
        for attribute in node.attributes {
          if let body = attribute.graph { try check(body) }
        }
      }
    }
    func check(_ graph: Graph) throws(ModelError) {
      for tensor in graph.initializers { try check(tensor.name) }
      for tensor in graph.texts { try check(tensor.name) }
      for value in graph.inputs { try check(value.name) }
      for value in graph.outputs { try check(value.name) }
      try check(graph.nodes)
    }
    try check(graph)
    for function in functions {
      for name in function.inputs { try check(name) }
      for name in function.outputs { try check(name) }
      try check(function.nodes)
    }
  }
}

extension [String] {
  /// Whether a name is among them, byte by byte: strings that are spelt differently can be equal.
  func containsBytes(of name: String) -> Bool {
    contains { $0.utf8.elementsEqual(name.utf8) }
  }
}
