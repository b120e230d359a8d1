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
    let extent = (0..<rank).map { (kernel[$0] - 1) * dilations[$0] + 1 }
    let mode = node.attribute("auto_pad")?.text ?? "NOTSET"
    switch mode {
    case "NOTSET": break
    case "VALID": pads = [Int](repeating: 0, count: 2 * rank)
    case "SAME_UPPER", "SAME_LOWER":
      for axis in 0..<rank {
        let size = (input[axis] + strides[axis] - 1) / strides[axis]
        let total = max(0, (size - 1) * strides[axis] + extent[axis] - input[axis])
        pads[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        pads[rank + axis] = total - pads[axis]
      }
    default: throw node.error("unknown auto_pad \(mode)")
    }
    let ceiling = node.integer("ceil_mode", default: 0) != 0
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
    self.kernel = kernel
    self.strides = strides
    self.dilations = dilations
    self.before = Array(pads[..<rank])
    self.after = Array(pads[rank...])
    self.input = input
    self.output = output
  }
}

extension Operators {
  static func convolution(_ node: NodeContext) throws(ModelError) -> Translation {
    let input = try node.operand(0)
    let weight = try node.constant(1, "the weight")
    let bias = try node.optionalConstant(2, "the bias")
    let rank = input.shape.count - 2
    try node.require((1...2).contains(rank), "only 1-D and 2-D convolutions are supported")
    try node.require(weight.shape.count == rank + 2, "weight and input have different ranks")
    let groups = node.integer("group", default: 1)
    let (batch, channels) = (input.shape[0], input.shape[1])
    let (filters, perGroup) = (weight.shape[0], weight.shape[1])
    try node.require(
      groups >= 1 && groups <= channels && filters % groups == 0 && channels % groups == 0
        && channels / groups == perGroup,
      "\(channels) channels and \(filters) filters do not fit \(groups) groups of \(perGroup)")
    try node.require(
      bias.map { $0.values.count == filters } ?? true, "the bias does not have \(filters) elements")
    let kernel = Array(weight.shape.dropFirst(2))
    try node.require(
      (node.integers("kernel_shape") ?? kernel) == kernel, "kernel_shape differs from the weight's")
    let spatial = Array(input.shape.dropFirst(2))
    let window = try SlidingWindow(node, kernel: kernel, input: spatial)
    let shape = [batch, filters] + window.output
    let taps = kernel.reduce(1, *)
    let plane = spatial.reduce(1, *)
    try node.checkEntries(try node.checkedCount(shape), perGroup * taps)
    let windows = window.positions.map { window.taps(of: $0) }
    var map = RealMap(inputCount: input.count)
    for image in 0..<batch {
      for filter in 0..<filters {
        let firstChannel = filter / (filters / groups) * perGroup
        for window in windows {
          for channel in 0..<perGroup {
            let origin = (image * channels + firstChannel + channel) * plane
            let weights = (filter * perGroup + channel) * taps
            for (tap, place) in window.enumerated() {
              if let place { map.add(origin + place, weight.values[weights + tap]) }
            }
          }
          map.endRow(bias: bias?.values[filter] ?? 0)
        }
      }
    }
    return Translation(.affine(map), [.operand(0)], shape: shape)
  }

  private static func pooling(
    _ node: NodeContext
  ) throws(ModelError) -> (window: SlidingWindow, planes: Int, plane: Int, shape: [Int]) {
    let input = try node.operand(0)
    try node.require(input.shape.count >= 3, "needs an input of rank 3 or more")
    guard let kernel = node.integers("kernel_shape") else {
      throw node.error("kernel_shape is missing")
    }
    let spatial = Array(input.shape.dropFirst(2))
    let window = try SlidingWindow(node, kernel: kernel, input: spatial)
    let shape = Array(input.shape.prefix(2)) + window.output
    try node.checkEntries(try node.checkedCount(shape), kernel.reduce(1, *))
    return (window, input.shape[0] * input.shape[1], spatial.reduce(1, *), shape)
  }

  static func maxPool(_ node: NodeContext) throws(ModelError) -> Translation {
    let (window, planes, plane, shape) = try pooling(node)
    try node.require(node.integer("storage_order", default: 0) == 0, "column-major storage order")
    let taps = window.positions.map { window.taps(of: $0).compactMap { $0 } }
    try node.require(taps.allSatisfy { !$0.isEmpty }, "a window lies in the padding alone")
    let windows = (0..<planes).flatMap { index in
      taps.map { $0.map { index * plane + $0 } }
    }
    return Translation(.maximum(windows: windows), [.operand(0)], shape: shape)
  }

  static func averagePool(_ node: NodeContext) throws(ModelError) -> Translation {
    let (window, planes, plane, shape) = try pooling(node)
    let includesPadding = node.integer("count_include_pad", default: 0) != 0
    let positions = window.positions
    let taps = positions.map { window.taps(of: $0).compactMap { $0 } }
    try node.require(taps.allSatisfy { !$0.isEmpty }, "a window lies in the padding alone")
    var map = RealMap(inputCount: planes * plane)
    for index in 0..<planes {
      for (position, places) in zip(positions, taps) {
        let count = includesPadding ? window.paddedTaps(of: position) : places.count
        for place in places { map.add(index * plane + place, 1 / Double(count)) }
        map.endRow()
      }
    }
    return Translation(.affine(map), [.operand(0)], shape: shape)
  }

  static func globalAveragePool(_ node: NodeContext) throws(ModelError) -> Translation {
    let input = try node.operand(0)
    try node.require(input.shape.count >= 3, "needs an input of rank 3 or more")
    let plane = input.shape.dropFirst(2).reduce(1, *)
    var map = RealMap(inputCount: input.count)
    for index in 0..<input.count / plane {
      for place in 0..<plane { map.add(index * plane + place, 1 / Double(plane)) }
      map.endRow()
    }
    let shape = Array(input.shape.prefix(2)) + input.shape.dropFirst(2).map { _ in 1 }
    return Translation(.affine(map), [.operand(0)], shape: shape)
  }
}
