/// Row-major shapes and the ONNX rules about them.
enum TensorShape {
  /// Elements of a tensor that a model computes, at most.
  static let maximalCount = 1 << 24

  /// Distance between neighbours along each axis.
  static func strides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }

  /// The element count, or nil above `maximalCount` or with a negative dimension.
  ///
  /// Dimensions beside a 0 are bounded as well, so that parts of the shape can be multiplied.
  static func count(_ shape: [Int]) -> Int? {
    var count = 1
    for dimension in shape {
      guard dimension >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: max(dimension, 1))
      guard !overflow, product <= maximalCount else { return nil }
      count = product
    }
    return shape.contains(0) ? 0 : count
  }

  /// The common shape of two tensors under multidirectional broadcasting, or nil.
  static func broadcast(_ a: [Int], _ b: [Int]) -> [Int]? {
    let rank = max(a.count, b.count)
    var shape = [Int](repeating: 1, count: rank)
    for axis in 0..<rank {
      let first = axis + a.count >= rank ? a[axis + a.count - rank] : 1
      let second = axis + b.count >= rank ? b[axis + b.count - rank] : 1
      guard first == second || first == 1 || second == 1 else { return nil }
      shape[axis] = first == 1 ? second : first
    }
    return shape
  }

  /// For each element of `target`, the element of a tensor of shape `source` that broadcasting puts there.
  static func broadcastElements(_ source: [Int], to target: [Int]) -> [Int] {
    let lead = target.count - source.count
    let own = strides(source)
    var steps = [Int](repeating: 0, count: target.count)
    for axis in source.indices where source[axis] != 1 { steps[axis + lead] = own[axis] }
    return elements(shape: target, strides: steps)
  }

  /// base + sum of index * stride, for every index of the shape in row-major order.
  static func elements(shape: [Int], strides: [Int], base: Int = 0) -> [Int] {
    var elements = [base]
    for axis in shape.indices {
      var next: [Int] = []
      next.reserveCapacity(elements.count * shape[axis])
      for element in elements {
        for index in 0..<shape[axis] { next.append(element + index * strides[axis]) }
      }
      elements = next
    }
    return elements
  }

  /// The elements that a reduction over these axes brings together, one group per element that is left.
  static func groups(_ shape: [Int], axes: [Int]) -> [[Int]] {
    let own = strides(shape)
    let kept = shape.indices.filter { !axes.contains($0) }
    let reduced = shape.indices.filter { axes.contains($0) }
    let inside = elements(shape: reduced.map { shape[$0] }, strides: reduced.map { own[$0] })
    return elements(shape: kept.map { shape[$0] }, strides: kept.map { own[$0] }).map { first in
      inside.map { first + $0 }
    }
  }

  /// The shape that a reduction over these axes leaves, with ones for them or without them.
  static func reduced(_ shape: [Int], axes: [Int], keeping: Bool) -> [Int] {
    keeping
      ? shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
      : shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
  }
}
