import Algebra
import Foundation
import Testing
import Varuna

/// A value of a vector file; a wrong path through it fails the test with a clear message.
struct Vector {
  let value: Any

  /// The committed vector files, beside the folders of the test targets.
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Vectors")

  /// Reads a committed vector file.
  static func load(_ name: String) throws -> Vector {
    try load(folder.appendingPathComponent(name + ".json"))
  }

  /// Reads a vector file.
  static func load(_ file: URL) throws -> Vector {
    Vector(value: try JSONSerialization.jsonObject(with: Data(contentsOf: file)))
  }

  subscript(key: String) -> Vector {
    guard let object = value as? [String: Any], let found = object[key] else {
      preconditionFailure("no \(key) in the vector")
    }
    return Vector(value: found)
  }

  subscript(index: Int) -> Vector { array[index] }

  var array: [Vector] {
    guard let list = value as? [Any] else { preconditionFailure("not a list") }
    return list.map { Vector(value: $0) }
  }

  var object: [String: Vector] {
    guard let object = value as? [String: Any] else { preconditionFailure("not an object") }
    return object.mapValues { Vector(value: $0) }
  }

  var isNull: Bool { value is NSNull }
  var text: String { value as? String ?? "" }
  var bytes: [UInt8] { Hexadecimal.decode(text) ?? [] }

  var int: Int {
    guard let number = value as? NSNumber else { preconditionFailure("not a number") }
    return number.intValue
  }

  var ints: [Int] { array.map(\.int) }

  var fr: Fr {
    guard let element = Fr(canonicalBytes: bytes) else { preconditionFailure("not a scalar") }
    return element
  }

  var frs: [Fr] { array.map(\.fr) }

  var fq: Fq {
    guard let element = Fq(canonicalBytes: bytes) else { preconditionFailure("not in Fq") }
    return element
  }

  var fqs: [Fq] { array.map(\.fq) }
}
