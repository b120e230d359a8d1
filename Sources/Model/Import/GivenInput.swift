/// What is known of a model's input before the model is read.
struct GivenInput: Sendable {
  /// Its shape, where the file of the model leaves dimensions open.
  var shape: [Int]?
  /// Whether the shape is that of lists in a file, which need not have all dimensions.
  var isHint = false
  /// Its number of elements, which fixes one open dimension.
  var count: Int?
  /// Its numbers, for operands that the form of the program depends on.
  var numbers: Numbers?
  /// What stands for missing numbers, where there are such.
  var mark: Double?
}

/// An input whose numbers decide shapes, so that the program is made for them: part of the settings, and public.
public struct FixedInput: Hashable, Sendable, Codable {
  /// The name in the model.
  public var name: String
  /// Its shape without dynamic dimensions.
  public var shape: [Int]
  /// Its elements; the nearest doubles where `integers` has them exactly.
  public var values: [Double]
  /// All elements in decimal, where some are whole numbers that doubles do not hold; else nil.
  public var integers: [String]?

  /// An input with its numbers, all of which doubles hold.
  public init(name: String, shape: [Int], values: [Double]) {
    (self.name, self.shape, self.values) = (name, shape, values)
  }

  /// An input with its numbers, exactly.
  public init(name: String, shape: [Int], numbers: Numbers) {
    self.init(name: name, shape: shape, values: numbers.reals)
    guard case .integers(let list) = numbers, !Self.areDoubles(list) else { return }
    integers = list.map { "\($0)" }
  }

  /// Its elements, exactly.
  public var numbers: Numbers {
    exactIntegers.map(Numbers.integers) ?? .reals(values)
  }

  /// The whole numbers of `integers`; nil where it is nil, or holds something else.
  private var exactIntegers: [Int128]? {
    let list = (integers ?? []).compactMap { text in
      Int128(text).flatMap { "\($0)" == text ? $0 : nil }
    }
    return integers != nil && list.count == integers?.count ? list : nil
  }

  private static func areDoubles(_ list: [Int128]) -> Bool {
    list.allSatisfy { Int128(exactly: Double($0)) == $0 }
  }

  /// The numbers, as far as a line has room for them.
  public var text: String {
    let words = exactIntegers.map { $0.prefix(Self.shown).map { "\($0)" } }
    let shown = (words ?? values.prefix(Self.shown).map { "\($0)" }).joined(separator: ", ")
    return values.count > Self.shown ? "[\(shown), … \(values.count) numbers]" : "[\(shown)]"
  }

  /// How many numbers are shown.
  public static let shown = 16

  /// Its numbers as integers where `scale` is the integer for 1; nil where one does not fit 64 bits.
  package func integers(scale: Double) -> [Int64]? {
    var result: [Int64] = []
    if scale == 1, let exactIntegers {
      result = exactIntegers.compactMap { Int64(exactly: $0) }
    } else {
      result = values.compactMap { Int64(exactly: ($0 * scale).rounded()) }
    }
    return result.count == values.count ? result : nil
  }

  /// Whether there is one finite number for each element of the shape, written in the one way that there is for it.
  var isUsable: Bool {
    var count = 1
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { return false }
      count = product
    }
    guard count == values.count, values.allSatisfy(\.isFinite) else { return false }
    guard integers != nil else { return true }
    guard let exact = exactIntegers else { return false }
    return exact.map { Double($0) } == values && !Self.areDoubles(exact)
  }
}
