extension OnnxModel {
  /// Checks that no two nodes or constants of the graph define one name, before anything follows names from node to node.
  ///
  /// - Throws: `invalidModel`.
  func checkDefinitions() throws(ModelError) {
    var defined: Set<String> = []
    let outputs = nodes.lazy.flatMap(\.outputs).filter { !$0.isEmpty }
    for name in initializers.map(\.name) + graph.texts.map(\.name) + outputs {
      guard defined.insert(name).inserted else {
        throw .invalidModel(reason: "\(name) is defined twice")
      }
    }
  }
}
