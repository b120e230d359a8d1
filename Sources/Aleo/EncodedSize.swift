/// Bytes of the parts of a program as a deployment encodes them: what its storage is charged for.
///
/// Numbers of operands and of registers are variable-length integers; everything else has a fixed form. The sizes are
/// those of snarkVM 4.12.
enum EncodedSize {
  /// A name: its length and its characters.
  static func identifier(_ name: some StringProtocol) -> Int { 1 + name.utf8.count }

  /// A program's name, with `.aleo`.
  static func programID(_ name: String) -> Int {
    identifier(name.dropLast(".aleo".utf8.count)) + identifier("aleo")
  }

  /// A variable-length integer.
  static func count(_ number: Int) -> Int { number < 253 ? 1 : number < 1 << 16 ? 3 : 5 }

  /// A register without access to its elements.
  static func register(_ number: Int) -> Int { 1 + count(number) }

  /// An array's type without its variant.
  static func array(_ type: PlaintextType) -> Int {
    var (innermost, dimensions) = (type, 0)
    while case .array(let element, _) = innermost {
      (innermost, dimensions) = (element, dimensions + 1)
    }
    return innermost.typeBytes + 1 + 4 * dimensions
  }

  /// An operand: a register with accesses, a literal, or a word such as `self.caller`.
  static func operand(_ text: String) -> Int {
    if let register = registerOperand(text) { return 1 + register }
    switch text {
    case "self.caller", "self.signer", "block.height", "edition": return 1
    case "true", "false": return 4
    default: break
    }
    // Variant, type (2) and data; the type is what follows the digits.
    let digits = text.utf8.prefix { (48...57).contains($0) }.count
    guard let data = dataBytes[String(text.utf8.dropFirst(digits)) ?? ""] else {
      preconditionFailure("no operand: \(text)")
    }
    return 3 + data
  }

  private static let dataBytes = ["field": 32, "u8": 1, "u16": 2, "u32": 4, "u64": 8, "u128": 16]

  /// `r7`, `r7[3u32]` or `r7.name`: variant, number, and with accesses their number (2) and each access.
  private static func registerOperand(_ text: String) -> Int? {
    let bytes = text.utf8
    guard bytes.first == UInt8(ascii: "r") else { return nil }
    let digits = bytes.dropFirst().prefix { (48...57).contains($0) }
    guard let number = Int(String(digits) ?? "") else { return nil }
    var rest = bytes.dropFirst(1 + digits.count)
    var size = register(number) + (rest.isEmpty ? 0 : 2)
    let (bracket, dot) = (UInt8(ascii: "["), UInt8(ascii: "."))
    while let first = rest.first {
      let access = rest.dropFirst().prefix { $0 != bracket && $0 != dot }
      size += 1 + (first == bracket ? 4 : 1 + access.count)
      rest = rest.dropFirst(1 + access.count)
    }
    return size
  }
}
