import Synchronization

/// A multiplicative subgroup of Fr of power-of-two order n, and the transforms between coefficients and values on it.
///
/// Element i is g^i with g = root^(2^47 / n) (Varuna specification, chapter 1). Domains of equal size share their
/// tables.
public struct Domain: Sendable {
  /// The order n, a power of two.
  public let size: Int
  /// log2 of the order.
  public let log2: Int
  /// g, of order n.
  public let generator: Fr
  /// g^-1.
  public let generatorInverse: Fr
  /// n^-1.
  public let sizeInverse: Fr

  /// The largest size that the field supports.
  public static let maximumSize = 1 << Fr.twoAdicity

  /// The smallest power of two that is at least `count` and at least 1.
  public static func size(atLeast count: Int) -> Int {
    count <= 1 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
  }

  /// The domain of the smallest power-of-two size that is at least `size`.
  public init(size: Int) {
    let n = Self.size(atLeast: size)
    precondition(n <= Self.maximumSize, "no domain of \(n) elements")
    self.size = n
    log2 = n.trailingZeroBitCount
    var g = Fr.twoAdicRoot
    for _ in log2..<Fr.twoAdicity { g = g.squared() }
    generator = g
    generatorInverse = g.inverse()!
    sizeInverse = Fr(UInt64(n)).inverse()!
  }

  /// g^0, g^1, …, g^(n-1); computed at first use and kept. A domain by itself costs no memory.
  public var elements: [Fr] { Tables.elements(size: size, generator: generator) }

  /// v(x) = x^n - 1.
  public func vanishing(at x: Fr) -> Fr {
    var power = x
    for _ in 0..<log2 { power = power.squared() }
    return power - .one
  }

  /// L_0(x), L_1(x), …, L_{n-1}(x); nil if x lies in the domain.
  public func lagrange(at x: Fr) -> [Fr]? {
    let v = vanishing(at: x)
    guard !v.isZero else { return nil }
    let elements = self.elements
    var values = elements.map { x - $0 }
    batchInvert(&values)
    let scale = v * sizeInverse
    for i in 0..<size { values[i] = values[i] * elements[i] * scale }
    return values
  }

  /// An element s with s^n = -1: on the coset sH the vanishing polynomial is the constant -2.
  public var quadraticShift: Fr { Domain(size: 2 * size).generator }

  // MARK: - Transforms

  /// Values at g^0, g^1, … of the polynomial with these coefficients, at most n of them.
  public func fft(_ coefficients: [Fr], threads: Int) -> [Fr] {
    precondition(coefficients.count <= size, "polynomial does not fit the domain")
    var values = coefficients
    values.append(contentsOf: repeatElement(Fr.zero, count: size - coefficients.count))
    fftInPlace(&values, threads: threads)
    return values
  }

  /// Coefficients of the polynomial of degree below n with these n values.
  public func ifft(_ values: [Fr], threads: Int) -> [Fr] {
    var result = values
    ifftInPlace(&result, threads: threads)
    return result
  }

  /// The in-place form of ``fft(_:threads:)``.
  public func fftInPlace(_ values: inout [Fr], threads: Int) {
    transform(&values, inverse: false, threads: threads)
  }

  /// The in-place form of ``ifft(_:threads:)``.
  public func ifftInPlace(_ values: inout [Fr], threads: Int) {
    transform(&values, inverse: true, threads: threads)
  }

  private func transform(_ values: inout [Fr], inverse: Bool, threads: Int) {
    precondition(values.count == size)
    let roots = elements
    values.withUnsafeMutableBufferPointer {
      Transform.run($0, roots: roots, inverse: inverse, threads: threads)
    }
  }

  /// Values at shift·g^i.
  public func cosetFFT(_ coefficients: [Fr], shift: Fr, threads: Int) -> [Fr] {
    var scaled = coefficients
    scaled.scaleByPowers(of: shift, threads: threads)
    return fft(scaled, threads: threads)
  }

  /// The in-place form of ``cosetFFT(_:shift:threads:)``.
  public func cosetFFTInPlace(_ values: inout [Fr], shift: Fr, threads: Int) {
    values.scaleByPowers(of: shift, threads: threads)
    fftInPlace(&values, threads: threads)
  }

  /// Coefficients of the polynomial of degree below n with these values at shift·g^i.
  public func cosetIFFT(_ values: [Fr], shift: Fr, threads: Int) -> [Fr] {
    var result = values
    cosetIFFTInPlace(&result, shift: shift, threads: threads)
    return result
  }

  /// The in-place form of ``cosetIFFT(_:shift:threads:)``.
  public func cosetIFFTInPlace(_ values: inout [Fr], shift: Fr, threads: Int) {
    ifftInPlace(&values, threads: threads)
    values.scaleByPowers(of: shift.inverse()!, threads: threads)
  }

  /// The definition, in O(n²): the oracle of the transforms.
  public func fftReference(_ coefficients: [Fr]) -> [Fr] {
    elements.map { Polynomial(coefficients).evaluate(at: $0) }
  }
}

extension [Fr] {
  /// Multiplies element i by factor^i.
  mutating func scaleByPowers(of factor: Fr, threads: Int) {
    let count = self.count
    withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let buffer = buffer
      Parallel.forRanges(count, threads: threads, minimum: 1 << 12) { range in
        UnsafeMutableBufferPointer(rebasing: buffer[range])
          .multiply(byPowersOf: factor, startingWith: factor.pow(UInt64(range.lowerBound)))
      }
    }
  }
}

/// Powers of the generators, made once per size.
private enum Tables {
  private static let cache = Mutex<[Int: [Fr]]>([:])

  static func elements(size: Int, generator: Fr) -> [Fr] {
    if let known = cache.withLock({ $0[size] }) { return known }
    var elements = [Fr](repeating: .one, count: size)
    elements.scaleByPowers(of: generator, threads: 1)
    cache.withLock { $0[size] = elements }
    return elements
  }
}
