/// A window that slides over the spatial axes of a tensor, as Conv and the pooling operators use it.
struct SlidingWindow {
  var kernel: [Int]
  var strides: [Int]
  var dilations: [Int]
  /// Padding in front of and behind each axis.
  var before: [Int]
  var after: [Int]
  /// Spatial sizes of input and output.
  var input: [Int]
  var output: [Int]

  /// Places of the input, or nil for padding, that each output position sees, in kernel order.
  func taps(of position: [Int]) -> [Int?] {
    var taps: [Int?] = [0]
    for axis in input.indices {
      let first = position[axis] * strides[axis] - before[axis]
      var next: [Int?] = []
      for tap in taps {
        for offset in 0..<kernel[axis] {
          let place = first + offset * dilations[axis]
          let inside = tap != nil && place >= 0 && place < input[axis]
          next.append(inside ? tap! * input[axis] + place : nil)
        }
      }
      taps = next
    }
    return taps
  }

  /// Whether a tap lies within the input or its declared padding, which ceil_mode may leave.
  func paddedTaps(of position: [Int]) -> Int {
    input.indices.reduce(1) { count, axis in
      let first = position[axis] * strides[axis] - before[axis]
      let inside = (0..<kernel[axis]).filter {
        first + $0 * dilations[axis] < input[axis] + after[axis]
      }
      return count * inside.count
    }
  }

  /// All output positions in row-major order.
  var positions: [[Int]] {
    output.reduce([[]]) { list, size in list.flatMap { head in (0..<size).map { head + [$0] } } }
  }

  init(_ node: NodeContext, kernel: [Int], input: [Int]) throws(ModelError) {
    let rank = input.count
    try node.require((1...3).contains(rank), "only 1 to 3 spatial axes are supported")
    let strides = node.integers("strides") ?? [Int](repeating: 1, count: rank)
    let dilations = node.integers("dilations") ?? [Int](repeating: 1, count: rank)
    var pads = node.integers("pads") ?? [Int](repeating: 0, count: 2 * rank)
    let limit = 1...1 << 16
    for (name, list) in [("kernel_shape", kernel), ("strides", strides), ("dilations", dilations)] {
      try node.require(
        list.count == rank && list.allSatisfy(limit.contains),
        "\(name) \(list) does not fit \(rank) spatial axes")
    }
    try node.require(
      pads.count == 2 * rank && pads.allSatisfy((0...1 << 16).contains),
      "pads \(pads) do not fit \(rank) spatial axes")
    try node.require(
      input.allSatisfy((1...TensorShape.maximalCount).contains),
      "spatial axes of \(input) places are empty or too large")
    let extent = (0..<rank).map { (kernel[$0] - 1) * dilations[$0] + 1 }
    let mode = node.text("auto_pad", default: "NOTSET")
    switch mode {
    case "NOTSET": break
    case "VALID": pads = [Int](repeating: 0, count: 2 * rank)
    case "SAME_UPPER", "SAME_LOWER":
      for axis in 0..<rank {
        let size = (input[axis] + strides[axis] - 1) / strides[axis]
        let missing = (size - 1) * strides[axis] + extent[axis] - input[axis]
        // Runtimes differ about other windows.
        try node.require(
          dilations[axis] == 1 && (missing >= 0 || !node.node.op.hasSuffix("Pool")),
          "\(mode) is not supported for dilations, nor for strides beyond the kernel; give pads instead of auto_pad"
        )
        let total = max(0, missing)
        pads[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        pads[rank + axis] = total - pads[axis]
      }
    default: throw node.error("unknown auto_pad \(mode)")
    }
    let ceiling = node.flag("ceil_mode")
    var output: [Int] = []
    for axis in 0..<rank {
      let room = input[axis] + pads[axis] + pads[rank + axis] - extent[axis]
      try node.require(room >= 0, "the kernel exceeds the padded input of size \(input[axis])")
      var size = room / strides[axis] + 1
      if ceiling, room % strides[axis] != 0, size * strides[axis] < input[axis] + pads[axis] {
        size += 1
      }
      output.append(size)
    }
    // Bounds what the taps take before any is made.
    try node.checkEntries(
      try node.checkedCount(output), try node.checkedCount(kernel))
    self.kernel = kernel
    self.strides = strides
    self.dilations = dilations
    self.before = Array(pads[..<rank])
    self.after = Array(pads[rank...])
    self.input = input
    self.output = output
  }
}
