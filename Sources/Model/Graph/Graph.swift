/// Index of a value in its graph's `values`.
typealias ValueID = Int

/// A model as typed real arithmetic: every operator is an affine map or one of five kinds that are not.
///
/// All shapes are known. Each step writes one value, and stands after those that write its inputs.
struct Graph: Sendable, Equatable {
  /// A tensor that depends on the inputs.
  struct Value: Sendable, Equatable {
    var name: String
    var shape: [Int]
    var count: Int { shape.reduce(1, *) }
  }

  /// The kinds of step.
  enum Kind: Sendable, Equatable {
    /// out = M * (inputs concatenated) + bias.
    case affine(RealMap)
    /// out = max(x, 0).
    case relu
    /// Elementwise product of two inputs with equally many elements.
    case product
    /// `batch` products of an m x k by a k x n matrix.
    case matmul(batch: Int, m: Int, k: Int, n: Int)
    /// out[i] = the largest of the elements windows[i].
    case maximum(windows: [[Int]])
    /// out[i] = place in groups[i] of the largest element; of equal ones the first, or the last.
    case argmax(groups: [[Int]], last: Bool)
  }

  /// One step; `name` is that of the ONNX node it comes from.
  struct Step: Sendable, Equatable {
    var name: String
    var kind: Kind
    var inputs: [ValueID]
    var output: ValueID
  }

  var values: [Value] = []
  var steps: [Step] = []
  var inputs: [ValueID] = []
  var outputs: [ValueID] = []

  /// The steps that use each value, ascending, once per step.
  var consumers: [[Int]] {
    var consumers = [[Int]](repeating: [], count: values.count)
    for (index, step) in steps.enumerated() {
      for input in Set(step.inputs) { consumers[input].append(index) }
    }
    return consumers
  }

  /// The step that writes each value; nil for inputs.
  var producers: [Int?] {
    var producers = [Int?](repeating: nil, count: values.count)
    for (index, step) in steps.enumerated() { producers[step.output] = index }
    return producers
  }
}
