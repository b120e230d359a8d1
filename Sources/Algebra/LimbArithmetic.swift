// Word arithmetic with explicit carries. Carries are values, never branches: branches on them are slow and leak.

/// Low word of `a * b + c + carry`; `carry` becomes the high word. Never overflows.
@inlinable @inline(__always)
func multiplyAdd(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ carry: inout UInt64) -> UInt64 {
  let r = UInt128(a) &* UInt128(b) &+ UInt128(c) &+ UInt128(carry)
  carry = UInt64(truncatingIfNeeded: r >> 64)
  return UInt64(truncatingIfNeeded: r)
}

/// Low word of `a + b + carry`; `carry` becomes 0 or 1.
@inlinable @inline(__always)
func addCarry(_ a: UInt64, _ b: UInt64, _ carry: inout UInt64) -> UInt64 {
  let r = UInt128(a) &+ UInt128(b) &+ UInt128(carry)
  carry = UInt64(truncatingIfNeeded: r >> 64)
  return UInt64(truncatingIfNeeded: r)
}

/// Low word of `a - b - borrow`; `borrow` becomes 0 or 1.
@inlinable @inline(__always)
func subtractBorrow(_ a: UInt64, _ b: UInt64, _ borrow: inout UInt64) -> UInt64 {
  let r = UInt128(a) &- UInt128(b) &- UInt128(borrow)
  borrow = UInt64(truncatingIfNeeded: r >> 64) & 1
  return UInt64(truncatingIfNeeded: r)
}
