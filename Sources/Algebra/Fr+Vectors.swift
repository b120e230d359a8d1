import CLimbs

/// Elementwise arithmetic in place, on one thread; several lanes at once where the processor allows.
extension UnsafeMutableBufferPointer<Fr> {
  /// self[i] *= other[i]; equal counts.
  public func multiply(by other: UnsafeBufferPointer<Fr>) {
    precondition(count == other.count)
    climbs_fr_multiply_each(limbs, limbs, other.limbs, count)
  }

  /// self[i] += scale · other[i]; equal counts.
  public func add(_ other: UnsafeBufferPointer<Fr>, scaledBy scale: Fr) {
    precondition(count == other.count)
    withUnsafePointer(to: scale.limbs) { climbs_fr_add_multiples(limbs, other.limbs, $0, count) }
  }

  /// self[i] += scale · a[i] · b[i]; equal counts.
  public func addProducts(
    _ a: UnsafeBufferPointer<Fr>, _ b: UnsafeBufferPointer<Fr>, scaledBy scale: Fr
  ) {
    precondition(count == a.count && count == b.count)
    withUnsafePointer(to: scale.limbs) {
      climbs_fr_add_products(limbs, a.limbs, b.limbs, $0, count)
    }
  }

  /// self[i] *= start · base^i.
  public func multiply(byPowersOf base: Fr, startingWith start: Fr = .one) {
    withUnsafePointer(to: base.limbs) { base in
      withUnsafePointer(to: start.limbs) { climbs_fr_multiply_by_powers(limbs, $0, base, count) }
    }
  }

  /// The elements as what the kernels know them as.
  var limbs: UnsafeMutablePointer<climbs_fr>? {
    UnsafeMutableRawPointer(baseAddress)?.assumingMemoryBound(to: climbs_fr.self)
  }
}

extension UnsafeBufferPointer<Fr> {
  var limbs: UnsafePointer<climbs_fr>? {
    UnsafeRawPointer(baseAddress)?.assumingMemoryBound(to: climbs_fr.self)
  }
}
