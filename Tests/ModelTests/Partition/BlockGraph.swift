import Circuit

/// Blocks with equal weights and ranges, one after the other: an affine map, a rescale, a relu each.
struct BlockGraph {
  let graph: IntegerGraph
  let inputs: [[Int64]]

  init(blocks: Int, width: Int = 64) throws {
    var tensors = [
      IntegerTensor(name: "x", shape: [1, width], range: -128...127, scaleBits: 6)
    ]
    var operations: [IntegerOperation] = []
    func add(
      _ name: String, _ kind: IntegerOperation.Kind, range: ClosedRange<Int64>? = nil
    ) throws {
      let input = tensors.count - 1
      let derived = try IntegerOperation.derivedRange(
        of: kind, inputs: [tensors[input]], name: name)
      tensors.append(
        IntegerTensor(name: name, shape: [1, width], range: range ?? derived, scaleBits: 6))
      operations.append(
        IntegerOperation(name: name, kind: kind, inputs: [input], output: input + 1))
    }
    var map = LinearMap(inputCount: width)
    for row in 0..<width {
      map.appendRow(
        (0..<width).map { (column: $0, coefficient: Int64((row * 5 + $0 * 3) % 2)) }, bias: 9)
    }
    for block in 0..<blocks {
      try add("affine \(block)", .linear(map))
      try add("round \(block)", .rescale(shift: 6), range: -1024...1023)
      try add("relu \(block)", .relu)
    }
    graph = try IntegerGraph(
      tensors: tensors, operations: operations, inputs: [0], outputs: [tensors.count - 1])
    inputs = [(0..<Int64(width)).map { $0 * 7 % 40 }]
  }
}
