import Circuit

/// How far the tensors that one chunk of a plan makes are from the float values.
public struct ChunkAccuracy: Codable, Hashable, Sendable {
  /// The ONNX nodes that the chunk computes, each once.
  public var nodes: [String]
  /// Mean absolute error of the tensors that the chunk hands on.
  public var meanError: Double
  /// Largest absolute error of them.
  public var maximalError: Double
}

extension QuantizedModel {
  /// Errors per chunk of a plan of this model, over some inputs.
  ///
  /// A chunk that makes a part of a tensor is charged with the error of the whole tensor.
  /// - Throws: as `run`.
  public func accuracy(of plan: Plan, on data: [[[Double]]]) throws(ModelError) -> [ChunkAccuracy] {
    var errors: [String: [Double]] = [:]
    for values in data {
      let integers = try run(values).tensors
      let exact = model.graph.evaluate(values)
      for value in exact.indices where place[value] >= 0 {
        let tensor = integerGraph.tensors[place[value]]
        errors[tensor.name, default: []] += zip(integers[place[value]], exact[value]).map {
          let error = abs(Self.real($0, tensor.scaleBits) - $1)
          return error.isFinite ? error : 0
        }
      }
    }
    return plan.chunks.map { chunk in
      var nodes: [String] = []
      for operation in plan.graph.operations[chunk.operations]
      where !nodes.contains(operation.name) { nodes.append(operation.name) }
      let names = Set(chunk.outputs.map { plan.graph.tensors[plan.boundaries[$0].tensor].name })
      let all = names.flatMap { errors[$0] ?? [] }
      return ChunkAccuracy(
        nodes: nodes, meanError: all.reduce(0, +) / Double(max(all.count, 1)),
        maximalError: all.max() ?? 0)
    }
  }
}
