import Algebra
import Foundation

/// A circuit that squares a private number again and again; its last value is the public output.
///
/// Written in iden3's formats with nothing but this file's own code.
struct SquareChain {
  let steps: Int

  private static func little(_ value: Int, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func file(_ magic: String, _ version: Int, _ sections: [[UInt8]]) -> Data {
    var bytes = Array(magic.utf8) + little(version, 4) + little(sections.count, 4)
    for (number, section) in sections.enumerated() {
      bytes += little(number + 1, 4) + little(section.count, 8) + section
    }
    return Data(bytes)
  }

  private static var field: [UInt8] {
    little(32, 4) + Fr.modulus.flatMap { limb in (0..<8).map { UInt8(limb >> (8 * $0) & 255) } }
  }

  /// Wire 1 is the output, wire 2 the input, the others are what lies between.
  private func wire(_ step: Int) -> Int { step == steps ? 1 : step + 2 }

  /// The `.r1cs` file.
  var circuit: Data {
    let wires = steps + 2
    let counts = [wires, 1, 0, 1].flatMap { Self.little($0, 4) }
    let header = Self.field + counts + Self.little(wires, 8) + Self.little(steps, 4)
    let one = Fr.one.canonicalBytes
    var rows: [UInt8] = []
    for step in 0..<steps {
      for wire in [wire(step), wire(step), wire(step + 1)] {
        rows += Self.little(1, 4) + Self.little(wire, 4) + one
      }
    }
    return Self.file("r1cs", 1, [header, rows, (0..<wires).flatMap { Self.little($0, 8) }])
  }

  /// The `.wtns` file for an input.
  func witness(_ input: UInt64) -> Data {
    var values = [Fr](repeating: .one, count: steps + 2)
    var value = Fr(input)
    for step in 0...steps {
      values[wire(step)] = value
      value *= value
    }
    return Self.file(
      "wtns", 2, [Self.field + Self.little(values.count, 4), values.flatMap(\.canonicalBytes)])
  }
}
