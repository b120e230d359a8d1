import Foundation

/// The numbers of an input file: JSON with `input_data`, one flat or nested list per model input.
public struct InputFile: Hashable, Sendable {
  /// One flat list per input, in the order of the model's inputs.
  public var values: [[Double]]

  /// Reads `{"input_data": [[…], …]}`; other keys are ignored.
  ///
  /// - Throws: `invalidInputFile` saying where the file is wrong.
  public init(_ bytes: [UInt8]) throws(ModelError) {
    let json: Any
    do {
      json = try JSONSerialization.jsonObject(with: Data(bytes))
    } catch {
      throw .invalidInputFile(reason: "it is not JSON")
    }
    guard let object = json as? [String: Any], let inputs = object["input_data"] as? [Any] else {
      throw .invalidInputFile(reason: "it has no list input_data")
    }
    values = []
    for (index, input) in inputs.enumerated() {
      guard input is [Any] else {
        throw .invalidInputFile(reason: "input_data[\(index)] is not a list")
      }
      var list: [Double] = []
      try Self.flatten(input, path: "input_data[\(index)]", into: &list)
      values.append(list)
    }
  }

  /// The samples of a calibration file: those of one input file, or of a JSON list of such objects.
  ///
  /// - Throws: `invalidInputFile` saying where the file is wrong.
  public static func samples(_ bytes: [UInt8]) throws(ModelError) -> [InputFile] {
    guard let list = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [Any] else {
      return [try InputFile(bytes)]
    }
    guard !list.isEmpty else { throw .invalidInputFile(reason: "it is an empty list") }
    var files: [InputFile] = []
    for entry in list {
      guard JSONSerialization.isValidJSONObject(entry),
        let data = try? JSONSerialization.data(withJSONObject: entry)
      else { throw .invalidInputFile(reason: "a calibration entry is not an object") }
      files.append(try InputFile([UInt8](data)))
    }
    return files
  }

  private static func flatten(
    _ json: Any, path: String, into list: inout [Double]
  ) throws(ModelError) {
    if let items = json as? [Any] {
      for (index, item) in items.enumerated() {
        try flatten(item, path: "\(path)[\(index)]", into: &list)
      }
    } else if let number = json as? NSNumber, number.doubleValue.isFinite {
      list.append(number.doubleValue)
    } else {
      throw .invalidInputFile(reason: "\(path) is not a finite number")
    }
  }
}
