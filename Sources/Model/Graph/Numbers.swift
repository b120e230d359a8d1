/// The elements of a tensor: reals in double precision, or integers of any type of ONNX, exactly.
public enum Numbers: Hashable, Sendable {
  case reals([Double])
  case integers([Int128])

  /// Integers below this magnitude are doubles without loss, and a double below it is no rounded integer.
  static let exactDouble = 0x1p53

  /// What integers of a program stand for: integers, exactly, where one unit is 1, and else reals.
  ///
  /// - Parameters:
  ///   - integers: as the program has them.
  ///   - scale: units of 1.
  public init(_ integers: [Int64], scale: Double) {
    self =
      scale == 1
      ? .integers(integers.map { Int128($0) }) : .reals(integers.map { Double($0) / scale })
  }

  /// Number of elements.
  public var count: Int {
    switch self {
    case .reals(let list): list.count
    case .integers(let list): list.count
    }
  }

  /// The elements as doubles: integers beyond 2^53 are rounded.
  public var reals: [Double] {
    switch self {
    case .reals(let list): list
    case .integers(let list): list.map { Double($0) }
    }
  }

  /// The elements as integers; nil unless all are whole numbers.
  var integers: [Int128]? {
    switch self {
    case .integers(let list): return list
    case .reals(let list):
      var whole: [Int128] = []
      whole.reserveCapacity(list.count)
      for number in list {
        guard let integer = Int128(whole: number) else { return nil }
        whole.append(integer)
      }
      return whole
    }
  }

  /// As a tensor of a type holds them: integers where they are whole, floats rounded to the type if asked.
  func held(as type: ElementType, rounding: Bool) -> Numbers {
    if type.isInteger { return integers.map(Numbers.integers) ?? self }
    guard rounding, type != .double else { return .reals(reals) }
    return .reals(reals.map(type.rounded))
  }
}

extension Int128 {
  /// The integer that a double is; nil where it is none.
  ///
  /// The same as `init(exactly:)`, which takes many times as long for the numbers that there are most of.
  init?(whole number: Double) {
    if abs(number) < 0x1p62 {
      let integer = Int64(number)
      guard Double(integer) == number else { return nil }
      self = Int128(integer)
    } else {
      guard let integer = Int128(exactly: number) else { return nil }
      self = integer
    }
  }
}
