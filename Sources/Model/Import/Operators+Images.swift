extension Operators {
  /// Images put together, cut, and sampled at known places.
  static let images: [String: Translation] = [
    "CenterCropPad": unary(centerCropPad), "Col2Im": unary(columnsToImage),
    "AffineGrid": unary(affineGrid), "GridSample": binary(gridSample),
  ]

  private static func centerCropPad(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let axes = try node.axes(
      node.integers("axes") ?? Array(x.shape.indices), rank: x.shape.count)
    let sizes = try node.integers(1, "the shape")
    try node.require(
      sizes.count == axes.count && sizes.allSatisfy((0...1 << 24).contains),
      "a shape \(sizes.prefix(8)) does not fit \(axes.count) axes")
    var target = x.shape
    // Where the result begins in the operand.
    var origin = [Int](repeating: 0, count: x.shape.count)
    for (axis, size) in zip(axes, sizes) {
      target[axis] = size
      let difference = x.shape[axis] - size
      origin[axis] = difference >= 0 ? difference / 2 : -(-difference / 2)
    }
    let count = try node.checkedCount(target)
    let (strides, own) = (TensorShape.strides(target), TensorShape.strides(x.shape))
    let elements = (0..<count).map { element -> Int? in
      var source = 0
      for axis in target.indices {
        let place = element / strides[axis] % target[axis] + origin[axis]
        guard (0..<x.shape[axis]).contains(place) else { return nil }
        source += place * own[axis]
      }
      return source
    }
    return try node.picking(elements, of: x, shape: target)
  }

  /// Adds up the columns of overlapping blocks where they lie in the image.
  private static func columnsToImage(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let image = try node.integers(1, "the shape of the image")
    let block = try node.integers(2, "the shape of the blocks")
    let window = try SlidingWindow(node, kernel: block, input: image)
    let (taps, plane) = (block.reduce(1, *), try node.checkedCount(image))
    let positions = window.positions
    try node.require(
      x.shape.count == 3 && x.shape[1] % taps == 0 && x.shape[2] == positions.count,
      "columns of shape \(x.shape) do not fit")
    let (batch, channels) = (x.shape[0], x.shape[1] / taps)
    let shape = [batch, channels] + image
    try node.checkEntries(x.count, 1)
    try node.checkedCount(shape)
    var sources = [[Int]](repeating: [], count: plane)
    for (column, position) in positions.enumerated() {
      for (tap, place) in window.taps(of: position).enumerated() {
        if let place { sources[place].append(tap * positions.count + column) }
      }
    }
    var map = RealMap(inputCount: x.count)
    for channel in 0..<batch * channels {
      for list in sources {
        for source in list { map.add(channel * taps * positions.count + source, 1) }
        map.endRow()
      }
    }
    return try node.affine(map, [x], shape: shape)
  }

  /// The places of an output grid under affine maps, in coordinates from -1 to 1, the last axis first.
  private static func affineGrid(_ node: NodeContext, _ theta: Term) throws(ModelError) -> Term {
    let size = try node.integers(1, "the size")
    try node.require(
      [4, 5].contains(size.count) && size.allSatisfy((1...1 << 24).contains),
      "a size \(size.prefix(8)) is unusable")
    let spatial = Array(size.dropFirst(2))
    let rank = spatial.count
    try node.require(theta.shape == [size[0], rank, rank + 1], "theta has shape \(theta.shape)")
    let isAligned = node.flag("align_corners")
    let places = try node.checkedCount(spatial)
    try node.checkedCount([size[0], places, rank])
    let strides = TensorShape.strides(spatial)
    var map = RealMap(inputCount: theta.count)
    for image in 0..<size[0] {
      for place in 0..<places {
        let coordinates = spatial.indices.reversed().map { axis in
          let (index, length) = (
            Double(place / strides[axis] % spatial[axis]), Double(spatial[axis])
          )
          return isAligned
            ? spatial[axis] == 1 ? -1 : 2 * index / (length - 1) - 1 : (2 * index + 1) / length - 1
        }
        for row in 0..<rank {
          let start = (image * rank + row) * (rank + 1)
          for (column, coordinate) in (coordinates + [1]).enumerated() {
            map.add(start + column, coordinate)
          }
          map.endRow()
        }
      }
    }
    return try node.affine(map, [theta], shape: [size[0]] + spatial + [rank])
  }

  private static func gridSample(
    _ node: NodeContext, _ x: Term, _ grid: Term
  ) throws(ModelError) -> Term {
    let rank = x.shape.count - 2
    try node.require(
      (1...3).contains(rank) && grid.shape.count == rank + 2 && grid.shape[0] == x.shape[0]
        && grid.shape[rank + 1] == rank && x.count > 0,
      "a grid of shape \(grid.shape) does not fit \(x.shape)")
    let numbers = try node.known(grid, "the grid").reals
    let sampling = try GridSampling(node, spatial: Array(x.shape.dropFirst(2)))
    let (batch, channels) = (x.shape[0], x.shape[1])
    let plane = sampling.spatial.reduce(1, *)
    let target = Array(grid.shape[1...rank])
    let places = target.reduce(1, *)
    try node.checkedCount([batch, channels] + target)
    var map = RealMap(inputCount: x.count)
    for image in 0..<batch {
      let taps = (0..<places).map { place in
        let start = (image * places + place) * rank
        return sampling.taps(at: Array(numbers[start..<start + rank].reversed()))
      }
      for channel in 0..<channels {
        for list in taps {
          for tap in list { map.add((image * channels + channel) * plane + tap.place, tap.weight) }
          map.endRow()
        }
      }
    }
    return try node.affine(map, [x], shape: [batch, channels] + target)
  }
}

/// How an image is sampled at a place, by the attributes of GridSample.
private struct GridSampling {
  let spatial: [Int]
  private let mode: String
  private let padding: String
  private let isAligned: Bool

  init(_ node: NodeContext, spatial: [Int]) throws(ModelError) {
    self.spatial = spatial
    let given = node.text("mode", default: "linear")
    mode = ["bilinear": "linear", "bicubic": "cubic"][given] ?? given
    padding = node.text("padding_mode", default: "zeros")
    isAligned = node.flag("align_corners")
    try node.require(
      ["linear", "nearest", "cubic"].contains(mode)
        && ["zeros", "border", "reflection"].contains(padding),
      "mode \(mode) with padding \(padding) is not supported")
  }

  /// The elements of a plane, and how much of each makes the sample at coordinates from -1 to 1.
  func taps(at coordinates: [Double]) -> [(place: Int, weight: Double)] {
    var taps: [(place: Int, weight: Double)] = [(0, 1)]
    for (axis, coordinate) in coordinates.enumerated() {
      let own = self.taps(coordinate, size: spatial[axis])
      taps = taps.flatMap { outer in
        own.map { (outer.place * spatial[axis] + $0.place, outer.weight * $0.weight) }
      }
    }
    return taps
  }

  private func taps(_ coordinate: Double, size: Int) -> [(place: Int, weight: Double)] {
    let length = Double(size)
    var x =
      isAligned ? (coordinate + 1) / 2 * (length - 1) : ((coordinate + 1) * length - 1) / 2
    guard x.isFinite, abs(x) < 0x1p30 else { return [] }
    let (lowest, highest) = isAligned ? (0, length - 1) : (-0.5, length - 0.5)
    if mode == "nearest" { x = x.rounded(.toNearestOrEven) }
    if mode != "cubic" {
      if padding == "border" { x = min(max(x, 0), length - 1) }
      if padding == "reflection" {
        x = Self.reflected(x, lowest, highest)
        x = min(max(x, 0), length - 1)
      }
    }
    let first = x.rounded(.down)
    let fraction = x - first
    let weights: [(Int, Double)] =
      switch mode {
      case "nearest": [(0, 1)]
      case "linear": [(0, 1 - fraction), (1, fraction)]
      default: (-1...2).map { ($0, Self.cubic(abs(fraction - Double($0)))) }
      }
    return weights.compactMap { offset, weight in
      var place = first + Double(offset)
      if padding == "border" { place = min(max(place, 0), length - 1) }
      if padding == "reflection" { place = Self.reflected(place, lowest, highest) }
      let index = Int(place.rounded())
      guard weight != 0, (0..<size).contains(index) else { return nil }
      return (index, weight)
    }
  }

  /// A place outside the ends, mirrored until it is inside.
  private static func reflected(_ x: Double, _ low: Double, _ high: Double) -> Double {
    let span = high - low
    guard span > 0 else { return low }
    let distance = abs(x - low).truncatingRemainder(dividingBy: 2 * span)
    return low + (distance <= span ? distance : 2 * span - distance)
  }

  private static func cubic(_ d: Double) -> Double {
    let a = -0.75
    if d <= 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
  }
}
