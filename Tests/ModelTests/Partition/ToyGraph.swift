import Circuit

import Model

/// A small image classifier in integers: convolution, rescale, relu, pooling, full layer, arg max.
struct ToyGraph {
  let graph: IntegerGraph
  let inputs: [[Int64]]

  /// - Parameters:
  ///   - side: rows and columns of the one-channel image, even.
  ///   - channels: channels after the convolution.
  init(side: Int = 8, channels: Int = 4, argmax: Bool = false) throws {
    var tensors: [IntegerTensor] = []
    var operations: [IntegerOperation] = []
    func add(
      _ name: String, _ kind: IntegerOperation.Kind, _ inputs: [TensorID], shape: [Int],
      range: ClosedRange<Int64>? = nil
    ) throws -> TensorID {
      let derived = try IntegerOperation.derivedRange(
        of: kind, inputs: inputs.map { tensors[$0] }, name: name)
      tensors.append(
        IntegerTensor(name: name, shape: shape, range: range ?? derived, scaleBits: 6))
      operations.append(
        IntegerOperation(name: name, kind: kind, inputs: inputs, output: tensors.count - 1))
      return tensors.count - 1
    }
    tensors.append(
      IntegerTensor(name: "image", shape: [1, 1, side, side], range: -128...127, scaleBits: 6))

    var convolution = LinearMap(inputCount: side * side)
    for channel in 0..<channels {
      for row in 0..<side {
        for column in 0..<side {
          let neighbours = [(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)].enumerated()
            .filter {
              side > row + $1.0 && row + $1.0 >= 0 && side > column + $1.1 && column + $1.1 >= 0
            }
          convolution.appendRow(
            neighbours.map { tap, offset in
              (
                column: (row + offset.0) * side + column + offset.1,
                coefficient: Int64((channel * 7 + tap * 5) % 23 - 11)
              )
            }, bias: Int64(channel))
        }
      }
    }
    let shape = [1, channels, side, side]
    let sums = try add("conv", .linear(convolution), [0], shape: shape)
    let scaled = try add("conv", .rescale(shift: 4), [sums], shape: shape, range: -1024...1023)
    let active = try add("relu", .relu, [scaled], shape: shape)

    let half = side / 2
    let windows = (0..<channels * half * half).map { index -> [Int] in
      let (channel, row, column) = (index / (half * half), index / half % half, index % half)
      let corner = channel * side * side + 2 * row * side + 2 * column
      return [corner, corner + 1, corner + side, corner + side + 1]
    }
    let pooled = try add(
      "pool", .maximum(windows: windows), [active], shape: [1, channels, half, half])
    var full = LinearMap(inputCount: channels * half * half)
    for row in 0..<5 {
      full.appendRow(
        (0..<channels * half * half).map { ($0, Int64(($0 * (row + 3)) % 17 - 8)) }, bias: 100)
    }
    let scores = try add("fc", .linear(full), [pooled], shape: [1, 5])
    var outputs = [
      try add("fc", .rescale(shift: 5), [scores], shape: [1, 5], range: -65536...65535)
    ]
    if argmax {
      outputs = [
        try add("class", .argmax(groups: [Array(0..<5)], last: false), outputs, shape: [1])
      ]
    }
    graph = try IntegerGraph(
      tensors: tensors, operations: operations, inputs: [0], outputs: outputs)
    inputs = [(0..<Int64(side * side)).map { ($0 * 37 + 11) % 200 - 100 }]
  }
}
