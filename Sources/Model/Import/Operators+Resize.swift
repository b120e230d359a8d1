import Foundation

extension Operators {
  /// Resampling of images: known weights on known places, so that all of it is an affine map.
  static let resizing: [String: Translation] = ["Resize": unary(resize), "Upsample": unary(resize)]

  private static func resize(_ node: NodeContext, _ x: Term) throws(ModelError) -> Term {
    let rank = x.shape.count
    try node.require(x.count > 0, "its operand is empty")
    let given = node.integers("axes") ?? Array(0..<rank)
    let axes = try node.axes(given, rank: rank)
    var sampling = try Sampling(node)
    let (scales, sizes) = try self.scales(node, x, axes)
    if sampling.coordinates == "tf_crop_and_resize" {
      let region = try node.constant(1, "the region of interest")
      try node.require(
        region.count == 2 * axes.count && region.allSatisfy { abs($0) < 0x1p24 },
        "the region does not fit")
      sampling.region = (0..<rank).map { axis in
        axes.firstIndex(of: axis).map { (region[$0], region[axes.count + $0]) } ?? (0, 1)
      }
    }
    try node.checkedCount(sizes)
    // onnxruntime takes such an axis as it is, ONNX's reference the part of it.
    try node.require(
      sampling.region.map { region in
        (0..<rank).allSatisfy { scales[$0] != 1 || region[$0] == (0, 1) }
      } ?? true,
      "tf_crop_and_resize of a part of an axis whose size stays is not supported; cut with Slice")
    // As onnxruntime has it: where nothing changes its size, nothing moves.
    if sizes == x.shape, sampling.region == nil { return x }
    // One axis after the other; the weights of an output are the products of those of its axes.
    var result = x
    for axis in 0..<rank
    where scales[axis] != 1 || sizes[axis] != x.shape[axis]
      || sampling.region != nil
    {
      let rows = (0..<sizes[axis]).map { place in
        sampling.weights(
          place, scale: scales[axis], input: x.shape[axis], output: sizes[axis], axis: axis)
      }
      result = try resampled(node, result, axis: axis, rows)
    }
    return result
  }

  /// Scale and output size of every axis.
  private static func scales(
    _ node: NodeContext, _ x: Term, _ axes: [Int]
  ) throws(ModelError) -> ([Double], [Int]) {
    var scales = [Double](repeating: 1, count: x.shape.count)
    var sizes = x.shape
    let isOld = node.opset < 11
    let given =
      node.opset < 9 || (node.attribute("scales") != nil)
      ? try node.floats("scales") : try node.optionalConstant(isOld ? 1 : 2, "the scales")
    if let given, !given.isEmpty {
      try node.require(
        given.count == axes.count && given.allSatisfy { $0 > 0 && $0 < 0x1p24 },
        "scales \(given.prefix(8)) do not fit")
      for (axis, scale) in zip(axes, given) {
        scales[axis] = scale
        sizes[axis] = Int((Float(x.shape[axis]) * Float(scale)).rounded(.down))
      }
      return (scales, sizes)
    }
    try node.require(node.optional(3) != nil, "scales and sizes are missing")
    let wanted = try node.integers(3, "the sizes")
    try node.require(
      wanted.count == axes.count && wanted.allSatisfy((1...1 << 24).contains),
      "sizes \(wanted.prefix(8)) do not fit")
    let policy = node.text("keep_aspect_ratio_policy", default: "stretch")
    let ratios = zip(axes, wanted).map { Double($1) / Double(x.shape[$0]) }
    for (index, axis) in axes.enumerated() {
      switch policy {
      case "stretch":
        (scales[axis], sizes[axis]) = (ratios[index], wanted[index])
      case "not_larger", "not_smaller":
        let scale = policy == "not_larger" ? ratios.min()! : ratios.max()!
        scales[axis] = scale
        sizes[axis] = Int((scale * Double(x.shape[axis]) + 0.5).rounded(.down))
      default: throw node.error("unknown policy \(policy)")
      }
    }
    return (scales, sizes)
  }

  private static func resampled(
    _ node: NodeContext, _ x: Term, axis: Int, _ rows: [Sampling.Row]
  ) throws(ModelError) -> Term {
    var shape = x.shape
    shape[axis] = rows.count
    let count = try node.checkedCount(shape)
    try node.checkEntries(count, rows.map(\.taps.count).max() ?? 0)
    let (stride, size) = (TensorShape.strides(x.shape)[axis], x.shape[axis])
    var map = RealMap(inputCount: x.count)
    for element in 0..<count {
      let (outer, inner) = (element / (stride * rows.count), element % stride)
      let row = rows[element / stride % rows.count]
      for (place, weight) in row.taps {
        map.add((outer * size + place) * stride + inner, weight)
      }
      map.endRow(bias: row.constant)
    }
    return try node.affine(map, [x], shape: shape)
  }
}

/// How an output place is made from input places, by the attributes of Resize.
private struct Sampling {
  /// An output element: weights on input places, and a constant.
  struct Row {
    var taps: [(place: Int, weight: Double)]
    var constant = 0.0
  }

  let mode: String
  let coordinates: String
  let nearest: String
  let cubic: Double
  let excludesOutside: Bool
  let antialias: Bool
  let extrapolation: Double
  /// Start and end of the part that is resized, per axis, relative to its length less one.
  var region: [(Double, Double)]?

  init(_ node: NodeContext) throws(ModelError) {
    let isOld = node.opset < 11 || node.node.op == "Upsample"
    mode = node.text("mode", default: "nearest")
    coordinates =
      isOld ? "asymmetric" : node.text("coordinate_transformation_mode", default: "half_pixel")
    nearest = isOld ? "floor" : node.text("nearest_mode", default: "round_prefer_floor")
    cubic = try node.float("cubic_coeff_a", default: -0.75)
    excludesOutside = node.flag("exclude_outside")
    antialias = node.flag("antialias")
    extrapolation = try node.float("extrapolation_value", default: 0)
    try node.require(["nearest", "linear", "cubic"].contains(mode), "unknown mode \(mode)")
    try node.require(
      [
        "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
        "tf_half_pixel_for_nn", "tf_crop_and_resize",
      ].contains(coordinates), "unknown coordinates \(coordinates)")
    try node.require(
      ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"].contains(nearest),
      "unknown rounding \(nearest)")
  }

  /// Where an output place lies in the input; in float32, as onnxruntime computes it, because the nearest place may depend on it.
  private func position(
    _ place: Int, scale: Double, input: Int, output: Int, axis: Int
  ) -> Double {
    Double(position(Float(place), Float(scale), Float(input), Float(output), axis))
  }

  private func position(
    _ x: Float, _ scale: Float, _ length: Float, _ output: Float, _ axis: Int
  ) -> Float {
    switch coordinates {
    case "align_corners": return output <= 1 ? 0 : x * (length - 1) / (output - 1)
    case "asymmetric": return x / scale
    case "pytorch_half_pixel": return output <= 1 ? 0 : (x + 0.5) / scale - 0.5
    case "tf_half_pixel_for_nn": return (x + 0.5) / scale
    case "half_pixel_symmetric":
      let adjustment = output / (scale * length)
      return length / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5
    case "tf_crop_and_resize":
      let (start, end) = region.map { (Float($0[axis].0), Float($0[axis].1)) } ?? (0, 1)
      return output <= 1
        ? 0.5 * (start + end) * (length - 1)
        : start * (length - 1) + x * (end - start) * (length - 1) / (output - 1)
    default: return (x + 0.5) / scale - 0.5
    }
  }

  func weights(_ place: Int, scale: Double, input: Int, output: Int, axis: Int) -> Row {
    let x = position(place, scale: scale, input: input, output: output, axis: axis)
    if coordinates == "tf_crop_and_resize", x < 0 || x > Double(input - 1) {
      return Row(taps: [], constant: extrapolation)
    }
    if mode == "nearest" {
      let rounded =
        switch nearest {
        case "floor": x.rounded(.down)
        case "ceil": x.rounded(.up)
        case "round_prefer_ceil": (x + 0.5).rounded(.down)
        default: (x - 0.5).rounded(.up)
        }
      return Row(taps: [(min(max(Int(rounded), 0), input - 1), 1)])
    }
    // When shrinking with antialiasing, the kernel is widened to cover all places it stands for.
    let narrowing = antialias ? min(scale, 1) : 1
    let radius = (mode == "linear" ? 1 : 2) / narrowing
    var taps: [(place: Int, weight: Double)] = []
    for source in Int((x - radius).rounded(.down))...Int((x + radius).rounded(.up)) {
      let weight = kernel((Double(source) - x) * narrowing)
      guard weight != 0 else { continue }
      if excludesOutside, !(0..<input).contains(source) { continue }
      taps.append((min(max(source, 0), input - 1), weight))
    }
    let total = taps.reduce(0) { $0 + $1.weight }
    return Row(taps: taps.map { ($0.place, $0.weight / total) })
  }

  private func kernel(_ distance: Double) -> Double {
    let d = abs(distance)
    if mode == "linear" { return max(0, 1 - d) }
    if d <= 1 { return ((cubic + 2) * d - (cubic + 3)) * d * d + 1 }
    if d < 2 { return ((cubic * d - 5 * cubic) * d + 8 * cubic) * d - 4 * cubic }
    return 0
  }
}
