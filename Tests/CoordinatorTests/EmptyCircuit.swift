/// An `.r1cs` file of constraints without terms: few bytes and large domains.
enum EmptyCircuit {
  /// The scalar field's modulus, lowest limb first.
  private static let modulus: [UInt64] = [
    0x0a11_8000_0000_0001, 0x59aa_76fe_d000_0001, 0x60b4_4d1e_5c37_b001, 0x12ab_655e_9a2c_a556,
  ]

  /// The file with so many constraints.
  static func file(constraints: Int) -> [UInt8] {
    let wires = 3
    let field =
      little(32, 4) + modulus.flatMap { limb in (0..<8).map { UInt8(limb >> (8 * $0) & 255) } }
    let counts = [wires, 1, 0, 1].flatMap { little($0, 4) }
    let header = field + counts + little(wires, 8) + little(constraints, 4)
    let sections = [
      header, [UInt8](repeating: 0, count: 12 * constraints), (0..<wires).flatMap { little($0, 8) },
    ]
    var bytes = Array("r1cs".utf8) + little(1, 4) + little(sections.count, 4)
    for (number, section) in sections.enumerated() {
      bytes += little(number + 1, 4) + little(section.count, 8) + section
    }
    return bytes
  }

  private static func little(_ value: Int, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
