/// Which constants of a model are its weights, and the same model with others.
///
/// Weights are the float initialisers of at least one axis that only layers read, directly or reshaped: kernels, matrices,
/// biases, and the numbers of normalisations. Scalars, masks with huge entries, and constants of any other operator
/// (tables of embeddings, trees, quantised layers) stay part of the circuits.
extension OnnxModel {
  /// Operators whose constants are weights, with the operands that may be.
  private static let layers: [String: Set<Int>] = [
    "Conv": [1, 2], "ConvTranspose": [1, 2], "Gemm": [0, 1, 2], "MatMul": [0, 1],
    "Add": [0, 1], "Sub": [0, 1], "Mul": [0, 1], "BatchNormalization": [1, 2, 3, 4],
    "LayerNormalization": [1, 2], "InstanceNormalization": [1, 2], "GroupNormalization": [1, 2],
    "RNN": [1, 2, 3], "GRU": [1, 2, 3], "LSTM": [1, 2, 3, 7],
  ]
  /// Of these a single number is a constant of the computation, not a weight.
  private static let elementwise: Set = ["Add", "Sub", "Mul"]
  /// Operators that move elements of their first operand and do nothing else.
  private static let movements: Set = [
    "Identity", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze",
  ]
  /// Larger numbers are masks.
  private static let largestWeight = 1e6

  /// Names of the initialisers that are weights; of a model whose names are checked, so that no node is visited twice.
  var weights: Set<String> {
    var readers: [String: [(node: Int, operand: Int)]] = [:]
    for (index, node) in nodes.enumerated() {
      for (operand, name) in node.inputs.enumerated() {
        readers[name, default: []].append((index, operand))
      }
    }
    // What bodies read is no weight, nor what is an output.
    var ends = Set(outputs.map(\.name))
    for node in nodes { ends.formUnion(node.read.subtracting(node.inputs)) }
    func isWeight(_ name: String, count: Int, depth: Int = 8) -> Bool {
      guard depth > 0, !ends.contains(name), let uses = readers[name] else { return false }
      return uses.allSatisfy { index, operand in
        let node = nodes[index]
        if let operands = Self.layers[node.op] {
          return operands.contains(operand) && (count > 1 || !Self.elementwise.contains(node.op))
        }
        return Self.movements.contains(node.op) && operand == 0
          && node.outputs.allSatisfy { isWeight($0, count: count, depth: depth - 1) }
      }
    }
    return Set(
      initializers.lazy.filter { tensor in
        !tensor.type.isInteger && !tensor.shape.isEmpty && tensor.places == nil
          && tensor.values.allSatisfy { abs($0) <= Self.largestWeight }
          && isWeight(tensor.name, count: tensor.values.count)
      }.map(\.name))
  }

  /// Whether a weight is 0.
  func hasZeros(in weights: Set<String>) -> Bool {
    initializers.contains { weights.contains($0.name) && $0.values.contains(0) }
  }

  /// The model with another number for weights that are 0, so that no map loses an entry by its value.
  func replacingZeros(of weights: Set<String>, by number: Double) -> OnnxModel {
    replacing(weights) { _, _, value in value == 0 ? number : value }
  }

  /// The model with weights that satisfy no equation but those of its structure: numbers of both signs between 1 and 2
  /// in magnitude, variances positive.
  ///
  /// Coefficients that are equal after import are the same expression of the same weights.
  func withGenericWeights(_ weights: Set<String>) -> OnnxModel {
    let variances = Set(
      nodes.lazy.filter { $0.op == "BatchNormalization" && $0.inputs.count > 4 }.map {
        $0.inputs[4]
      }
    )
    return replacing(weights) { tensor, element, _ in
      let random = (UInt64(tensor) << 32 | UInt64(element)).mixed
      let magnitude = 1 + Double(random >> 12) * 0x1p-52
      return variances.contains(initializers[tensor].name) || element % 2 == 1
        ? magnitude : -magnitude
    }
  }

  private func replacing(
    _ weights: Set<String>, by number: (_ tensor: Int, _ element: Int, _ value: Double) -> Double
  ) -> OnnxModel {
    var model = self
    for (index, tensor) in initializers.enumerated() where weights.contains(tensor.name) {
      for (element, value) in tensor.values.enumerated() {
        model.graph.initializers[index].values[element] = number(index, element, value)
      }
    }
    return model
  }
}

extension UInt64 {
  /// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): equal inputs give equal, distinct ones unrelated numbers.
  var mixed: UInt64 {
    var z = self &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
