/// The terms of a multi-scalar multiplication that count, with their scalars cut into signed digits.
///
/// Terms with scalar 0 or the identity as base are left out. Digit w of a scalar lies in
/// -2^(width - 1) ..< 2^(width - 1); its highest one is at most 2^(width - 1) in magnitude.
///
/// Terms are ordered by how many digits they have, most first, so that a digit exists for the first terms only: bits among a
/// few values of full size cost what bits cost.
final class WindowedScalars: @unchecked Sendable {
  /// Where the terms were.
  let indices: UnsafeMutableBufferPointer<UInt32>
  /// Bits of a digit.
  let width: Int
  /// reach[w] is the number of terms that have digit w.
  let reach: [Int]
  /// The digits of all terms, window by window.
  private let digits: UnsafeMutableBufferPointer<Int16>
  /// Where the digits of a window begin.
  private let starts: [Int]

  var count: Int { indices.count }

  /// Digits of a window for a range of terms, signs of the scalars included.
  func digits(window: Int, _ terms: Range<Int>) -> UnsafeBufferPointer<Int16> {
    assert(terms.upperBound <= reach[window])
    return UnsafeBufferPointer(
      rebasing: digits[starts[window] + terms.lowerBound..<starts[window] + terms.upperBound])
  }

  convenience init(
    _ bases: UnsafeBufferPointer<G1Affine>, _ scalars: UnsafeBufferPointer<Fr>, threads: Int
  ) {
    let magnitudes = WorkMemory.allocate(count: scalars.count, of: Magnitude.self)
    defer { WorkMemory.free(magnitudes) }
    self.init(magnitudes, bases, scalars, threads: threads)
  }

  private init(
    _ magnitudes: UnsafeMutableBufferPointer<Magnitude>, _ bases: UnsafeBufferPointer<G1Affine>,
    _ scalars: UnsafeBufferPointer<Fr>, threads: Int
  ) {
    nonisolated(unsafe) let (bases, scalars, magnitudes) = (bases, scalars, magnitudes)
    let pieces = max(1, min(threads, scalars.count / 1024))
    let bitCounts = Parallel.map(pieces, threads: threads) { piece in
      let range = scalars.count * piece / pieces..<scalars.count * (piece + 1) / pieces
      return Self.takeMagnitudes(of: scalars, bases, range, to: magnitudes)
    }
    var allBitCounts = (0...Magnitude.mostBits).map { b in bitCounts.reduce(0) { $0 + $1[b] } }
    allBitCounts[0] = 0
    width = WindowWidth.best(bitCounts: allBitCounts, .current)
    // Digits by number of bits.
    let width = width
    let lengths = (0...Magnitude.mostBits).map {
      $0 == 0 ? 0 : WindowWidth.windows(bits: $0, width: width)
    }
    let windows = lengths[allBitCounts.lastIndex { $0 > 0 } ?? 0]
    var reach = [Int](repeating: 0, count: windows)
    for (b, count) in allBitCounts.enumerated() where count > 0 {
      for window in 0..<lengths[b] { reach[window] += count }
    }

    // A counting sort by length: where each piece puts its terms of each length.
    var free = 0
    var places = [[Int]](repeating: [Int](repeating: 0, count: windows + 1), count: pieces)
    for length in stride(from: windows, to: 0, by: -1) {
      for piece in 0..<pieces {
        places[piece][length] = free
        for (b, count) in bitCounts[piece].enumerated() where lengths[b] == length {
          free += count
        }
      }
    }
    nonisolated(unsafe) let indices = WorkMemory.allocate(count: free, of: UInt32.self)
    let starting = places
    Parallel.forEach(pieces, threads: threads) { piece in
      var next = starting[piece]
      for i in scalars.count * piece / pieces..<scalars.count * (piece + 1) / pieces {
        let length = lengths[magnitudes[i].bitCount]
        guard length > 0 else { continue }
        indices[next[length]] = UInt32(i)
        next[length] += 1
      }
    }

    var starts: [Int] = []
    var total = 0
    for count in reach {
      starts.append(total)
      total += count
    }
    digits = WorkMemory.allocate(count: total, of: Int16.self)
    (self.indices, self.reach, self.starts) = (indices, reach, starts)
    Parallel.forRanges(free, threads: threads, minimum: 1024) { cut($0, magnitudes, lengths) }
  }

  deinit {
    WorkMemory.free(indices)
    WorkMemory.free(digits)
  }

  /// Notes the magnitudes of the scalars in a range; returns how many have so many bits. Terms that do not count have none.
  private static func takeMagnitudes(
    of scalars: UnsafeBufferPointer<Fr>, _ bases: UnsafeBufferPointer<G1Affine>,
    _ range: Range<Int>, to magnitudes: UnsafeMutableBufferPointer<Magnitude>
  ) -> [Int] {
    var bitCounts = [Int](repeating: 0, count: Magnitude.mostBits + 1)
    for i in range {
      let counts = !scalars[i].isZero && !bases[i].isIdentity
      magnitudes[i] = counts ? Magnitude(scalars[i]) : .zero
      bitCounts[magnitudes[i].bitCount] += 1
    }
    return bitCounts
  }

  /// Cuts the scalars of a range of terms into digits, a few at a time so that they are read from memory once.
  private func cut(
    _ range: Range<Int>, _ magnitudes: UnsafeMutableBufferPointer<Magnitude>, _ lengths: [Int]
  ) {
    let atOnce = 512
    let biases = (0...reach.count).map { Magnitude.bias(width: width, windows: $0) }
    withUnsafeTemporaryAllocation(of: Magnitude.self, capacity: atOnce) { shifted in
      for start in stride(from: range.lowerBound, to: range.upperBound, by: atOnce) {
        let terms = start..<min(start + atOnce, range.upperBound)
        for (place, term) in terms.enumerated() {
          let magnitude = magnitudes[Int(indices[term])]
          shifted[place] = magnitude.adding(biases[lengths[magnitude.bitCount]])
        }
        for (window, reach) in reach.enumerated() where reach > start {
          // Terms that have more digits come first; for the others this one is the highest.
          let longer = window + 1 < self.reach.count ? self.reach[window + 1] : 0
          let inner = start..<max(start, min(terms.upperBound, longer))
          let highest = inner.upperBound..<min(terms.upperBound, reach)
          let half = Int16(1) << Int16(width - 1)
          write(window, inner, shifted, from: start, mask: 1 << UInt64(width) - 1, less: half)
          write(window, highest, shifted, from: start, mask: .max, less: 0)
        }
      }
    }
  }

  private func write(
    _ window: Int, _ terms: Range<Int>, _ shifted: UnsafeMutableBufferPointer<Magnitude>,
    from start: Int, mask: UInt64, less half: Int16
  ) {
    let low = window * width
    let (word, shift) = (low >> 6, UInt64(low & 63))
    let output = digits.baseAddress! + starts[window]
    for term in terms {
      let scalar = shifted[term - start]
      let value = scalar.bits(word: word, shift: shift)
      let digit = Int16(truncatingIfNeeded: value & mask) &- half
      output[term] = scalar.isNegative ? -digit : digit
    }
  }
}

/// The choice of the number of bits per window.
enum WindowWidth {
  /// Digits have to fit 16 bits.
  private static let largest = 15

  /// Windows for magnitudes of so many bits, with room for the carry that signed digits make.
  static func windows(bits: Int, width: Int) -> Int { (bits + 1) / width + 1 }

  /// The width that needs the fewest multiplications for `bitCounts[b]` scalars of b bits each, with these kernels.
  ///
  /// Every digit costs an affine addition into its bucket, every full bucket two more in the weighted sum, and an empty
  /// one the passes over it; levels of additions cost an inversion each. Prices are in multiplications of a batch, as
  /// measured.
  static func best(bitCounts: [Int], _ kernels: Kernels) -> Int {
    let bits = bitCounts.lastIndex { $0 > 0 } ?? 0
    let inversion = kernels == .ifma ? 500 : 130
    // reaching[b]: scalars of more than b bits.
    var reaching = bitCounts
    for b in stride(from: bits, through: 0, by: -1) {
      reaching[b] = b == bits ? 0 : reaching[b + 1] + bitCounts[b + 1]
    }
    var best = (width: 2, cost: Int.max)
    for width in 2...largest {
      let windows = windows(bits: bits, width: width)
      var digits = 0
      var cost = 2 * width * inversion
      for window in 0..<windows {
        let digitsHere = window * width < bits ? reaching[window * width] : 0
        digits += digitsHere
        cost += 12 * min(digitsHere, 1 << (width - 1)) + 2 << (width - 1)
      }
      cost += 6 * digits
      if cost < best.cost { best = (width, cost) }
    }
    return best.width
  }
}
