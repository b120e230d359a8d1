import Foundation

/// The numbers of an input file: JSON with `input_data`, one flat or nested list per model input, in the model's order or
/// by the inputs' names; or arrays of numpy.
///
/// Nothing is known of the model here: `Model.numbers(of:)` fits tensors to its inputs and checks them against their types.
public struct InputFile: Hashable, Sendable {
  /// What is given for one input.
  public struct Tensor: Hashable, Sendable {
    /// The input's name; nil where the file gives its inputs in order.
    public var name: String?
    /// Where it stands in the file, for messages.
    var path: String
    /// The elements in row-major order: integers where all are written as such; zeros where they are texts.
    package var numbers: Numbers
    /// The elements where they are texts.
    package var texts: [String]?
    /// Whether all elements are numbers that are given.
    var isKnown: Bool { texts == nil && !numbers.reals.contains(where: \.isNaN) }
    /// The lengths of the lists, from the outermost to the innermost; empty for a bare number.
    package var shape: [Int]
  }

  /// The tensors in the order of the file; sorted by name where they have names.
  public var tensors: [Tensor]

  /// One flat list per input, as doubles.
  public var values: [[Double]] { tensors.map { $0.numbers.reals } }

  /// Reads `{"input_data": [[…], …]}` or `{"input_data": {"name": […], …}}`, where other keys are ignored, a `.npy` file, or a
  /// `.npz` file with an array for each input.
  ///
  /// - Throws: `invalidInputFile` saying where the file is wrong.
  public init(_ bytes: [UInt8]) throws(ModelError) {
    if bytes.starts(with: NumpyArray.magic) {
      tensors = [Tensor(try NumpyArray(bytes, path: "the array"), name: nil, path: "the array")]
    } else if bytes.starts(with: [0x50, 0x4b]) {
      tensors = try Self.arrays(of: ZipArchive(bytes))
    } else if let json = try Self.json(bytes) {
      tensors = try Self.lists(of: json)
    } else {
      throw .invalidInputFile(
        reason: "it is neither JSON (which has no Infinity) nor an .npy or .npz file")
    }
  }

  /// The value of JSON, in which NaN may stand for null: Python writes it so.
  ///
  /// - Throws: `invalidInputFile` for a key that is given twice.
  private static func json(_ bytes: [UInt8]) throws(ModelError) -> Any? {
    // Other encodings of Unicode have such bytes.
    guard !bytes.contains(0), let json = value(ofJSON: bytes) else { return nil }
    if let key = repeatedKey(bytes) {
      throw .invalidInputFile(reason: "'\(key)' is given twice, or in two Unicode compositions")
    }
    return json
  }

  private static func value(ofJSON bytes: [UInt8]) -> Any? {
    func parsed(_ bytes: [UInt8]) -> Any? { try? JSONSerialization.jsonObject(with: Data(bytes)) }
    if let json = parsed(bytes) { return json }
    var written: [UInt8] = []
    written.reserveCapacity(bytes.count)
    var (isText, isEscaped) = (false, false)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if isText {
        (isText, isEscaped) = (isEscaped || byte != 0x22, !isEscaped && byte == 0x5c)
      } else if byte == 0x22 {
        isText = true
      } else if bytes[index...].starts(with: [0x4e, 0x61, 0x4e]) {
        written += Array("null".utf8)
        index += 3
        continue
      }
      written.append(byte)
      index += 1
    }
    return written.count == bytes.count ? nil : parsed(written)
  }

  private static func arrays(of archive: ZipArchive) throws(ModelError) -> [Tensor] {
    var tensors: [Tensor] = []
    for entry in archive.entries {
      guard entry.name.hasSuffix(".npy") else {
        throw .invalidInputFile(reason: "'\(entry.name)' is no array of numpy")
      }
      let name = String(entry.name.dropLast(4))
      guard !tensors.contains(where: { $0.name == name }) else {
        throw .invalidInputFile(reason: "array '\(name)' is given twice")
      }
      let array = try NumpyArray(entry.bytes, path: "array '\(name)'")
      tensors.append(Tensor(array, name: name, path: "array '\(name)'"))
    }
    return tensors.sorted { $0.name ?? "" < $1.name ?? "" }
  }

  private init(json: Any) throws(ModelError) { tensors = try Self.lists(of: json) }

  private static func lists(of json: Any) throws(ModelError) -> [Tensor] {
    let data = (json as? [String: Any])?["input_data"]
    var tensors: [Tensor] = []
    if let list = data as? [Any] {
      for (index, item) in list.enumerated() {
        tensors.append(try Tensor(item, name: nil, path: "input_data[\(index)]"))
      }
    } else if let named = data as? [String: Any] {
      for (name, item) in named.sorted(by: { $0.key < $1.key }) {
        tensors.append(try Tensor(item, name: name, path: "input_data.\(name)"))
      }
    } else {
      throw .invalidInputFile(reason: "it has no input_data that is a list, or an object by names")
    }
    return tensors
  }

  /// The samples of a calibration file: those of one input file, or of a JSON list of such objects.
  ///
  /// - Throws: `invalidInputFile` saying where the file is wrong.
  public static func samples(_ bytes: [UInt8]) throws(ModelError) -> [InputFile] {
    guard let list = try json(bytes) as? [Any] else {
      return [try InputFile(bytes)]
    }
    guard !list.isEmpty else { throw .invalidInputFile(reason: "it is an empty list") }
    var files: [InputFile] = []
    for entry in list { files.append(try InputFile(json: entry)) }
    return files
  }
}

extension InputFile.Tensor {
  init(_ array: NumpyArray, name: String?, path: String) {
    (self.name, self.path) = (name, path)
    (numbers, shape) = (array.numbers, array.shape)
  }

  /// A list, lists of lists of equal lengths, or a bare number.
  fileprivate init(_ json: Any, name: String?, path: String) throws(ModelError) {
    self.name = name
    self.path = path
    var elements = Elements()
    shape = try elements.collect(json, path: path)
    (numbers, texts) = (elements.numbers, elements.texts.isEmpty ? nil : elements.texts)
  }
}

/// The elements of nested lists while they are collected.
private struct Elements {
  private var reals: [Double] = []
  /// The same as integers, as long as all are.
  private var integers: [Int128]? = []
  /// The elements where they are texts; numbers are zeros then.
  private(set) var texts: [String] = []

  var numbers: Numbers { integers.map(Numbers.integers) ?? .reals(reals) }

  /// Appends what stands at a place of the file; gives its shape.
  mutating func collect(_ json: Any, path: String) throws(ModelError) -> [Int] {
    guard let items = json as? [Any] else {
      try append(json, path: path)
      return []
    }
    var inner: [Int]?
    for (index, item) in items.enumerated() {
      let found = try collect(item, path: "\(path)[\(index)]")
      if let inner, inner != found {
        throw .invalidInputFile(
          reason: "\(path)[\(index)] has shape \(found), its neighbours \(inner)")
      }
      inner = found
    }
    return [items.count] + (inner ?? [])
  }

  private mutating func append(_ json: Any, path: String) throws(ModelError) {
    let text = json as? String
    guard (text != nil) == !texts.isEmpty || reals.isEmpty else {
      throw .invalidInputFile(reason: "\(path): texts and numbers are mixed")
    }
    if let text {
      texts.append(text)
      reals.append(0)
      integers?.append(0)
      return
    }
    if json is NSNull {
      reals.append(.nan)
      integers = nil
      return
    }
    guard let number = json as? NSNumber else {
      throw .invalidInputFile(reason: "\(path) is neither a number nor a text")
    }
    // A decimal's conversion to a double may be off by one place, the one of its digits is not.
    let isDecimal = number is NSDecimalNumber
    let real = isDecimal ? Double(number.description) : number.doubleValue
    guard let real, real.isFinite else {
      throw .invalidInputFile(reason: "\(path) is not a finite number")
    }
    reals.append(real)
    guard integers != nil else { return }
    switch String(cString: number.objCType) {
    case "d" where isDecimal:
      if let integer = Int128(number.description) { integers!.append(integer) } else { fallthrough }
    case "d", "f":
      if let integer = Int128(exactly: real), abs(real) < Numbers.exactDouble {
        integers!.append(integer)
      } else {
        integers = nil
      }
    case "Q": integers!.append(Int128(number.uint64Value))
    default: integers!.append(Int128(number.int64Value))
    }
  }
}
