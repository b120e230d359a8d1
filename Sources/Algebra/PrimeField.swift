/// A prime field whose elements are fixed numbers of 64-bit limbs in Montgomery form.
public protocol PrimeField: Field, CustomStringConvertible {
  /// The modulus p, least significant limb first.
  static var modulus: [UInt64] { get }
  /// Bits of p.
  static var bitCount: Int { get }
  /// Bytes of the canonical encoding.
  static var byteCount: Int { get }
  /// The largest s such that 2^s divides p - 1.
  static var twoAdicity: Int { get }
  /// An element of order 2^twoAdicity.
  static var twoAdicRoot: Self { get }
  /// The element for an unsigned word.
  init(_ value: UInt64)
  /// The canonical value in [0, p), least significant limb first.
  var canonicalLimbs: [UInt64] { get }
  /// The element for a number given by its limbs, as many as the modulus has; reduced if it is not below the modulus.
  init(canonical limbs: [UInt64])
}

extension PrimeField {
  /// Number of 64-bit limbs.
  @inlinable static var limbCount: Int { byteCount / 8 }

  /// The element for a signed word; negative values are p - |value|.
  @inlinable
  public init(_ value: Int) {
    let magnitude = Self(UInt64(value.magnitude))
    self = value < 0 ? -magnitude : magnitude
  }

  /// Decodes exactly `byteCount` little-endian bytes; nil if the count is wrong or the value is not below p.
  public init?(canonicalBytes bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    let limbs = limbs(littleEndian: bytes, count: Self.limbCount)
    guard isBelow(limbs, Self.modulus) else { return nil }
    self.init(canonical: limbs)
  }

  /// The canonical value as `byteCount` little-endian bytes.
  public var canonicalBytes: [UInt8] {
    canonicalLimbs.flatMap { limb in (0..<8).map { UInt8(truncatingIfNeeded: limb >> (8 * $0)) } }
  }

  /// The little-endian number in the bytes, reduced modulo p.
  public init(reducing bytes: some Collection<UInt8>) {
    // Horner's rule in the radix 2^(64 · limbs), from the top.
    let bytes = Array(bytes)
    let radix = Self(canonical: [UInt64](repeating: .max, count: Self.limbCount)) + .one
    var result = Self.zero
    for start in stride(from: 0, to: bytes.count, by: Self.byteCount).reversed() {
      let piece = bytes[start..<min(start + Self.byteCount, bytes.count)]
      result =
        result * radix + Self(canonical: limbs(littleEndian: piece, count: Self.limbCount))
    }
    self = result
  }

  /// Parses a decimal number below p without sign; nil for anything else.
  public init?(decimal: String) {
    let digits = decimal.utf8
    guard !digits.isEmpty, digits.count <= Self.byteCount * 3 else { return nil }
    var limbs = [UInt64](repeating: 0, count: Self.limbCount)
    for digit in digits {
      guard (48...57).contains(digit) else { return nil }
      var carry = UInt64(digit - 48)
      for i in limbs.indices {
        let product = limbs[i].multipliedFullWidth(by: 10)
        let sum = product.low.addingReportingOverflow(carry)
        limbs[i] = sum.partialValue
        carry = product.high + (sum.overflow ? 1 : 0)
      }
      guard carry == 0 else { return nil }
    }
    guard isBelow(limbs, Self.modulus) else { return nil }
    self.init(canonical: limbs)
  }

  /// The canonical value in decimal.
  public var decimal: String {
    var limbs = canonicalLimbs
    var groups: [UInt64] = []
    let base: UInt64 = 1_000_000_000_000_000_000
    while limbs.contains(where: { $0 != 0 }) {
      var remainder: UInt64 = 0
      for i in limbs.indices.reversed() {
        (limbs[i], remainder) = base.dividingFullWidth((remainder, limbs[i]))
      }
      groups.append(remainder)
    }
    guard let first = groups.popLast() else { return "0" }
    return groups.reversed().reduce(String(first)) { text, group in
      let digits = String(group)
      return text + String(repeating: "0", count: 18 - digits.count) + digits
    }
  }

  /// The text form.
  public var description: String { decimal }

  /// A square root, either of the two, or nil; Tonelli-Shanks. variableTime.
  public func squareRoot() -> Self? {
    if isZero { return self }
    // p - 1 = 2^s t with t odd.
    let s = Self.twoAdicity
    var t = Self.modulus
    t[0] -= 1
    t = shiftedRight(t, by: s)
    let halfT = shiftedRight(t, by: 1)  // (t - 1) / 2
    let power = pow(halfT)
    var x = power * self
    var b = x * power
    var c = Self.twoAdicRoot
    var m = s
    while b != .one {
      var order = 0
      var square = b
      while square != .one {
        square = square.squared()
        order += 1
        if order == m { return nil }
      }
      var factor = c
      for _ in 0..<(m - order - 1) { factor = factor.squared() }
      m = order
      c = factor.squared()
      b *= c
      x *= factor
    }
    return x.squared() == self ? x : nil
  }

  /// A uniform element, by rejection.
  public static func random(using generator: inout some RandomNumberGenerator) -> Self {
    let spare = limbCount * 64 - bitCount
    while true {
      var limbs = (0..<limbCount).map { _ in generator.next() as UInt64 }
      limbs[limbCount - 1] >>= UInt64(spare)
      if isBelow(limbs, modulus) { return Self(canonical: limbs) }
    }
  }
}

/// Whether a < b, both little-endian with equally many limbs.
func isBelow(_ a: [UInt64], _ b: [UInt64]) -> Bool {
  for i in a.indices.reversed() where a[i] != b[i] { return a[i] < b[i] }
  return false
}

private func limbs(littleEndian bytes: some Collection<UInt8>, count: Int) -> [UInt64] {
  // An iterator of a collection that is not known here costs an allocation for every byte.
  bytes.withContiguousStorageIfAvailable { limbs(littleEndian: $0, count: count) }
    ?? Array(bytes).withUnsafeBufferPointer { limbs(littleEndian: $0, count: count) }
}

private func limbs(littleEndian bytes: UnsafeBufferPointer<UInt8>, count: Int) -> [UInt64] {
  var limbs = [UInt64](repeating: 0, count: count)
  for (i, byte) in bytes.enumerated() { limbs[i / 8] |= UInt64(byte) << UInt64(8 * (i % 8)) }
  return limbs
}

private func shiftedRight(_ limbs: [UInt64], by bits: Int) -> [UInt64] {
  let (words, rest) = (bits / 64, UInt64(bits % 64))
  return limbs.indices.map { i in
    let low = i + words < limbs.count ? limbs[i + words] : 0
    let high = i + words + 1 < limbs.count ? limbs[i + words + 1] : 0
    return rest == 0 ? low : low >> rest | high << (64 - rest)
  }
}
