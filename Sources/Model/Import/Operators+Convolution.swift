extension Operators {
  /// Convolutions of one to three spatial axes.
  static let convolutions: [String: Translation] = [
    "Conv": one { (node) throws(ModelError) in
      try node.convolution(
        of: node.operand(0), with: node.operand(1), bias: node.optional(2))
    },
    "ConvTranspose": one(transposed),
  ]

  /// Each input element adds the kernel times itself to the output, strides apart.
  private static func transposed(_ node: NodeContext) throws(ModelError) -> Term {
    let (x, weight) = (try node.operand(0), try node.operand(1))
    let rank = x.shape.count - 2
    try node.require(
      rank >= 1 && weight.shape.count == rank + 2, "weight and input have different ranks")
    let groups = node.integer("group", default: 1)
    let (batch, channels, perGroup) = (x.shape[0], x.shape[1], weight.shape[1])
    try node.require(
      groups >= 1 && channels > 0 && channels % groups == 0 && weight.shape[0] == channels,
      "\(channels) channels do not fit \(groups) groups of the weight \(weight.shape)")
    let window = try TransposedWindow(
      node, kernel: Array(weight.shape.dropFirst(2)), input: Array(x.shape.dropFirst(2)))
    let filters = perGroup * groups
    let shape = [batch, filters] + window.output
    let (taps, plane) = (window.kernel.reduce(1, *), window.input.reduce(1, *))
    try node.checkEntries(try node.checkedCount(shape), channels / groups * taps)
    let bias = node.optional(2)
    try node.require(bias.map { $0.shape == [filters] } ?? true, "the bias has another size")
    let contributions = window.contributions
    guard let weights = weight.constant else {
      // For every image and group: filters x (channels, taps) times (channels, taps) x places.
      var rows: [Int?] = []
      var columns: [Int?] = []
      for image in 0..<batch {
        for group in 0..<groups {
          let own = group * (channels / groups)..<(group + 1) * (channels / groups)
          for filter in 0..<perGroup {
            for channel in own {
              for tap in 0..<taps { rows.append((channel * perGroup + filter) * taps + tap) }
            }
          }
          for channel in own {
            let origin = (image * channels + channel) * plane
            for tap in 0..<taps {
              for sources in contributions {
                columns.append(sources.first { $0.tap == tap }.map { origin + $0.place })
              }
            }
          }
        }
      }
      let result = try node.matrixProduct(
        weight, rows, x, columns, batch: batch * groups, m: perGroup,
        k: channels / groups * taps, n: contributions.count, shape: shape
      ).typed(x.type)
      guard let bias else { return result }
      return try node.plus(
        result, bias.reshaped([filters] + [Int](repeating: 1, count: rank)))
    }
    var map = RealMap(inputCount: x.count)
    for image in 0..<batch {
      for filter in 0..<filters {
        let first = filter / perGroup * (channels / groups)
        for sources in contributions {
          for channel in first..<first + channels / groups {
            let kernel = (channel * perGroup + filter % perGroup) * taps
            for source in sources {
              map.add(
                (image * channels + channel) * plane + source.place, weights[kernel + source.tap])
            }
          }
          map.endRow()
        }
      }
    }
    let result = try node.affine(map, [x], shape: shape)
    guard let bias else { return result }
    return try node.plus(
      result, bias.reshaped([filters] + [Int](repeating: 1, count: rank)))
  }
}

extension NodeContext {
  /// The convolution as the node's attributes say; weights may be variable.
  func convolution(
    of x: Term, with weight: Term, bias: Term?, padding: Double = 0
  ) throws(ModelError) -> Term {
    let rank = x.shape.count - 2
    try require(
      rank >= 1 && weight.shape.count == rank + 2, "weight and input have different ranks")
    let groups = integer("group", default: 1)
    let (batch, channels) = (x.shape[0], x.shape[1])
    let (filters, perGroup) = (weight.shape[0], weight.shape[1])
    try require(
      groups >= 1 && groups <= channels && filters % groups == 0 && channels % groups == 0
        && channels / groups == perGroup && filters > 0,
      "\(channels) channels and \(filters) filters do not fit \(groups) groups of \(perGroup)")
    try require(
      bias.map { $0.count == filters } ?? true, "the bias does not have \(filters) elements")
    let kernel = Array(weight.shape.dropFirst(2))
    try require(
      (integers("kernel_shape") ?? kernel) == kernel, "kernel_shape differs from the weight's")
    let spatial = Array(x.shape.dropFirst(2))
    let window = try SlidingWindow(self, kernel: kernel, input: spatial)
    let shape = [batch, filters] + window.output
    let (taps, plane) = (kernel.reduce(1, *), spatial.reduce(1, *))
    let size = perGroup * taps
    try checkEntries(try checkedCount(shape), size, shared: true)
    let windows = window.positions.map { window.taps(of: $0) }
    let perFilter = filters / groups
    // For every image and group: filters x (channels, taps) times (channels, taps) x positions.
    var rows: [Int?] = []
    var columns: [Int?] = []
    for image in 0..<batch {
      for group in 0..<groups {
        for filter in group * perFilter..<(group + 1) * perFilter {
          for element in 0..<size { rows.append(filter * size + element) }
        }
        for channel in group * perGroup..<(group + 1) * perGroup {
          let origin = (image * channels + channel) * plane
          for tap in 0..<taps {
            for taps in windows { columns.append(taps[tap].map { origin + $0 }) }
          }
        }
      }
    }
    let result = try matrixProduct(
      weight, rows, x, columns, batch: batch * groups, m: perFilter, k: size, n: windows.count,
      shape: shape
    ).typed(x.type)
    guard let bias else { return result }
    return try plus(
      result, bias.reshaped([filters] + [Int](repeating: 1, count: rank)))
  }
}

/// Geometry of a transposed convolution.
private struct TransposedWindow {
  /// An input place and the kernel tap that carries it to an output.
  struct Source {
    var place: Int
    var tap: Int
  }

  var kernel: [Int]
  var input: [Int]
  var output: [Int] = []
  private var strides: [Int]
  private var dilations: [Int]
  private var before: [Int] = []

  init(_ node: NodeContext, kernel: [Int], input: [Int]) throws(ModelError) {
    let rank = input.count
    try node.require((1...3).contains(rank), "only 1 to 3 spatial axes are supported")
    func list(_ name: String, _ count: Int, _ fill: Int) throws(ModelError) -> [Int] {
      let list = node.integers(name) ?? [Int](repeating: fill, count: count)
      try node.require(
        list.count == count && list.allSatisfy((fill...1 << 16).contains),
        "\(name) \(list.prefix(8)) does not fit \(rank) spatial axes")
      return list
    }
    self.kernel = kernel
    self.input = input
    strides = try list("strides", rank, 1)
    dilations = try list("dilations", rank, 1)
    let extra = try list("output_padding", rank, 0)
    var pads = try list("pads", 2 * rank, 0)
    try node.require(
      kernel.allSatisfy((1...1 << 16).contains) && input.allSatisfy { $0 > 0 },
      "an axis of kernel or input is empty")
    let mode = node.text("auto_pad", default: "NOTSET")
    var full: [Int] = []
    for axis in 0..<rank {
      let extent = (kernel[axis] - 1) * dilations[axis] + 1
      full.append(strides[axis] * (input[axis] - 1) + extra[axis] + extent)
    }
    var wanted = node.integers("output_shape").map { Array($0.suffix(rank)) }
    switch mode {
    case "NOTSET": break
    case "VALID": pads = [Int](repeating: 0, count: 2 * rank)
    case "SAME_UPPER", "SAME_LOWER":
      wanted = wanted ?? (0..<rank).map { input[$0] * strides[$0] }
    default: throw node.error("unknown auto_pad \(mode)")
    }
    if let wanted {
      try node.require(
        wanted.count == rank && wanted.allSatisfy((1...1 << 24).contains),
        "output_shape \(wanted.prefix(8)) does not fit \(rank) spatial axes")
      for axis in 0..<rank {
        // Runtimes differ about padding of less than nothing.
        try node.require(
          !mode.hasPrefix("SAME") || wanted[axis] <= full[axis],
          "\(mode) is not supported for strides beyond the kernel; give pads and output_padding instead"
        )
        let total = max(0, full[axis] - wanted[axis])
        pads[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        pads[rank + axis] = total - pads[axis]
      }
      output = wanted
    } else {
      for axis in 0..<rank { output.append(full[axis] - pads[axis] - pads[rank + axis]) }
    }
    try node.require(output.allSatisfy { $0 > 0 }, "the padding leaves nothing")
    before = Array(pads[..<rank])
    try node.checkEntries(try node.checkedCount(output), try node.checkedCount(kernel))
  }

  /// For every output position in row-major order, the input places and kernel taps that add to it.
  var contributions: [[Source]] {
    var all = [[Source(place: 0, tap: 0)]]
    for axis in output.indices {
      let own = (0..<output[axis]).map { sources(of: $0, axis: axis) }
      var next: [[Source]] = []
      for outer in all {
        for inner in own {
          var list: [Source] = []
          for head in outer {
            for tail in inner {
              list.append(
                Source(
                  place: head.place * input[axis] + tail.place,
                  tap: head.tap * kernel[axis] + tail.tap))
            }
          }
          next.append(list)
        }
      }
      all = next
    }
    return all
  }

  private func sources(of position: Int, axis: Int) -> [Source] {
    (0..<kernel[axis]).compactMap { tap in
      let scaled = position + before[axis] - tap * dilations[axis]
      let place = scaled / strides[axis]
      guard scaled >= 0, scaled % strides[axis] == 0, place < input[axis] else { return nil }
      return Source(place: place, tap: tap)
    }
  }
}
