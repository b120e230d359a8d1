extension OnnxModel {
  /// The texts that a model compares texts with: keys and categories of encoders, and constants, each once, in the order of the file.
  ///
  /// An input of texts is proven as places in this list; a text that is not in it is none that the model tells from others.
  var vocabulary: [String] {
    var texts: [String] = []
    func collect(_ nodes: [Node]) {
      for node in nodes {
        // What a function does with the texts of a call is said inside of it.
        let isCall = functions.contains { $0.name == node.op && $0.domain == node.domain }
        for attribute in node.attributes {
          if isCall || Self.comparedTexts.contains(attribute.name) { texts += attribute.texts }
          if let graph = attribute.graph { collect(graph) }
        }
      }
    }
    func collect(_ graph: Graph) {
      graph.texts.forEach { texts += $0.texts }
      collect(graph.nodes)
    }
    collect(graph)
    for function in functions {
      for attribute in function.defaults { texts += attribute.texts }
      collect(function.nodes)
    }
    return Labels.distinct(texts).texts
  }

  /// Attributes whose texts operands are compared with, and those of constants.
  private static let comparedTexts: Set<String> = [
    "cats_strings", "classes_strings", "keys_strings", "keys_tensor", "value", "value_string",
    "value_strings",
  ]
}

extension OnnxModel.Value {
  /// Whether its elements are texts.
  var holdsTexts: Bool { elementType == 8 }
}
