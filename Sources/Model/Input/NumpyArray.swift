/// An array as numpy.save writes it, versions 1.0 to 3.0 of the format.
///
/// Source: numpy/lib/format.py. The elements are those that the bytes hold: a header announces nothing that is allocated.
struct NumpyArray {
  /// Row-major, whatever the order of the file.
  var numbers: Numbers
  var shape: [Int]

  /// What every file begins with.
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Elements at most.
  static let maximalCount = OnnxTensor.maximalCount

  /// Reads a whole file.
  ///
  /// - Parameter path: what the array is called in errors.
  /// - Throws: `invalidInputFile`.
  init(_ bytes: [UInt8], path: String) throws(ModelError) {
    func invalid(_ reason: String) -> ModelError {
      .invalidInputFile(reason: "\(path) \(reason)")
    }
    guard bytes.count >= 12, bytes.starts(with: Self.magic) else {
      throw invalid("is not an array of numpy")
    }
    let isShort = bytes[6] == 1
    guard (1...3).contains(bytes[6]) else {
      throw invalid("has version \(bytes[6]) of numpy's format, which is not known")
    }
    let start = isShort ? 10 : 12
    let length = (8..<start).reduce(0) { $0 | Int(bytes[$1]) << (8 * ($1 - 8)) }
    guard length <= 1 << 16, length <= bytes.count - start else {
      throw invalid("has a header that is cut off")
    }
    guard let header = NumpyHeader(bytes[start..<start + length]) else {
      throw invalid("has a header that cannot be read; arrays of records have no numbers to prove")
    }
    guard let element = NumpyElement(header.type) else {
      throw invalid(
        "has elements of type '\(header.type.prefix(32))'; bool, integers, float16, float32 and float64 "
          + "can be read (astype)")
    }
    let data = bytes[(start + length)...]
    guard let count = Self.count(header.shape), data.count == count * element.size else {
      throw invalid(
        "has \(data.count) bytes of elements, which do not fit its shape \(header.shape)")
    }
    shape = header.shape
    let rowMajor =
      header.isFortranOrder ? Self.rowMajor(header.shape) : Array(0..<count)
    func pattern(_ place: Int) -> UInt64 {
      let first = data.startIndex + place * element.size
      return (0..<element.size).reduce(0) { value, index in
        let byte = element.isBigEndian ? element.size - 1 - index : index
        return value | UInt64(data[first + byte]) << UInt64(8 * index)
      }
    }
    if element.isReal {
      var reals: [Double] = []
      reals.reserveCapacity(count)
      for (index, place) in rowMajor.enumerated() {
        let number = element.real(pattern(place))
        guard !number.isInfinite else {
          throw invalid("has element \(index), which is not a finite number")
        }
        reals.append(number)
      }
      numbers = .reals(reals)
    } else {
      numbers = .integers(rowMajor.map { element.integer(pattern($0)) })
    }
  }

  /// Elements of a shape; nil where there are too many.
  private static func count(_ shape: [Int]) -> Int? {
    var count = 1
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(dimension, 1))
      guard !overflow, product <= maximalCount else { return nil }
      count = product
    }
    return shape.contains(0) ? 0 : count
  }

  /// Where the elements stand in a file whose first index changes fastest.
  private static func rowMajor(_ shape: [Int]) -> [Int] {
    var (strides, stride) = ([Int](), 1)
    for dimension in shape {
      strides.append(stride)
      stride *= dimension
    }
    return TensorShape.elements(shape: shape, strides: strides)
  }
}

/// The type of an array's elements, such as `<f4`.
private struct NumpyElement {
  private let kind: Character
  let size: Int
  let isBigEndian: Bool

  init?(_ type: String) {
    let parts = Array(type)
    guard parts.count == 3, let size = parts[2].wholeNumberValue else { return nil }
    (kind, self.size, isBigEndian) = (parts[1], size, parts[0] == ">")
    let sizes = ["b": [1], "i": [1, 2, 4, 8], "u": [1, 2, 4, 8], "f": [2, 4, 8]][kind] ?? []
    guard sizes.contains(size), ["<", ">"].contains(parts[0]) || parts[0] == "|" && size == 1 else {
      return nil
    }
  }

  var isReal: Bool { kind == "f" }

  func real(_ bits: UInt64) -> Double {
    switch size {
    case 2: Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
    case 4: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    default: Double(bitPattern: bits)
    }
  }

  func integer(_ bits: UInt64) -> Int128 {
    switch kind {
    case "b": bits == 0 ? 0 : 1
    case "u": Int128(bits)
    default: Int128(Int64(bitPattern: bits << UInt64(64 - 8 * size)) >> Int64(64 - 8 * size))
    }
  }
}

/// The dictionary of a header: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
private struct NumpyHeader {
  var type = ""
  var isFortranOrder = false
  var shape: [Int] = []

  /// Nil for another text than numpy writes.
  init?(_ bytes: ArraySlice<UInt8>) {
    var reader = Reader(rest: bytes)
    var found: Set<String> = []
    guard reader.take("{") else { return nil }
    while !reader.take("}") {
      guard let key = reader.text(), found.insert(key).inserted, reader.take(":") else {
        return nil
      }
      switch key {
      case "descr":
        guard let text = reader.text() else { return nil }
        type = text
      case "fortran_order":
        if reader.take("True") {
          isFortranOrder = true
        } else if !reader.take("False") {
          return nil
        }
      case "shape":
        guard let list = reader.tuple() else { return nil }
        shape = list
      default: return nil
      }
      guard reader.take(",") || reader.peeks("}") else { return nil }
    }
    guard reader.isAtEnd, found.count == 3 else { return nil }
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    private mutating func skipSpace() {
      rest = rest.drop { $0 == 0x20 || $0 == 0x0a }
    }

    var isAtEnd: Bool { rest.allSatisfy { $0 == 0x20 || $0 == 0x0a } }

    mutating func peeks(_ word: String) -> Bool {
      skipSpace()
      return rest.starts(with: word.utf8)
    }

    mutating func take(_ word: String) -> Bool {
      guard peeks(word) else { return false }
      rest = rest.dropFirst(word.utf8.count)
      return true
    }

    /// A quoted text without escapes.
    mutating func text() -> String? {
      skipSpace()
      guard let quote = rest.first, quote == 0x27 || quote == 0x22 else { return nil }
      let body = rest.dropFirst()
      guard let end = body.firstIndex(of: quote), !body[..<end].contains(0x5c) else { return nil }
      rest = body[(end + 1)...]
      return String(decoding: body[..<end], as: UTF8.self)
    }

    /// Numbers in parentheses, of which each may have a comma behind it.
    mutating func tuple() -> [Int]? {
      guard take("(") else { return nil }
      var list: [Int] = []
      while !take(")") {
        skipSpace()
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard list.count < 64, let number = Int(String(decoding: digits, as: UTF8.self)) else {
          return nil
        }
        list.append(number)
        rest = rest[digits.endIndex...]
        // Old versions of numpy wrote long integers of Python 2.
        _ = take("L")
        guard take(",") || peeks(")") else { return nil }
      }
      return list
    }
  }
}
