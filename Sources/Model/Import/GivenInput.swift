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
  /// Its elements.
  public var values: [Double]

  /// An input with its numbers.
  public init(name: String, shape: [Int], values: [Double]) {
    (self.name, self.shape, self.values) = (name, shape, values)
  }

  /// The numbers, as far as a line has room for them.
  public var text: String {
    let shown = values.prefix(Self.shown).map { "\($0)" }.joined(separator: ", ")
    return values.count > Self.shown ? "[\(shown), … \(values.count) numbers]" : "[\(shown)]"
  }

  /// How many numbers are shown.
  public static let shown = 16

  /// Whether there is one finite number for each element of the shape.
  var isUsable: Bool {
    var count = 1
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { return false }
      count = product
    }
    return count == values.count && values.allSatisfy(\.isFinite)
  }
}
