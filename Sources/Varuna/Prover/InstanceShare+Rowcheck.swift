import Algebra

extension InstanceShare {
  /// Step 2: the part of h_0 = sum of mu |R_c|/|R| (z_A z_B - z_C)/v_R.
  ///
  /// The quotient is the upper half of z_A z_B, and z_C is what lower and upper half add up to; both are summed over
  /// the instances of a circuit before they are transformed back. Four transforms per instance, two per circuit.
  public func rowcheck(
    _ request: ShareMessage.RowWeights
  ) throws(ShareError) -> ShareMessage.RowcheckShare {
    precondition(request.weights.count == instances.count)
    try advance(.rowcheck)
    defer { recorder.end() }
    h0 = []
    for group in groups {
      let domain = Domain(size: group.circuit.shape.R)
      let shift = domain.quadraticShift
      let rows = group.circuit.r1cs.constraintCount
      var reduced = [Fr](repeating: .zero, count: domain.size)
      var onCoset = reduced
      for place in group.places {
        let weight = request.weights[place]
        let (a, b) = instances[place].products
        assert(a.count == rows && b.count == rows)
        FieldVector.addProduct(a, b, scaledBy: weight, to: &reduced, threads: threads)
        FieldVector.addProduct(
          cosetValues(a, domain, shift), cosetValues(b, domain, shift), scaledBy: weight,
          to: &onCoset, threads: threads)
      }
      recorder.transform(domain) { domain.ifftInPlace(&reduced, threads: threads) }
      recorder.transform(domain) {
        domain.replaceByUpperHalf(cosetValues: &onCoset, reduced: reduced, threads: threads)
      }
      FieldVector.add(
        onCoset, scaledBy: ratio(domain.size, dimensions.R), to: &h0, threads: threads)
    }
    return ShareMessage.RowcheckShare(h0: try commit(h0))
  }

  /// Step 3: sigma_M = z_M(alpha), inner products with the Lagrange basis.
  public func lineSums(
    _ request: ShareMessage.Alpha
  ) throws(ShareError) -> ShareMessage.LineSums {
    try advance(.lineSums, challenge: request.alpha, outside: dimensions.R)
    defer { recorder.end() }
    alpha = request.alpha
    var sums = [[Fr]](repeating: [], count: instances.count)
    for group in groups {
      let lagrange = Domain(size: group.circuit.shape.R)
        .lagrangeOutside(at: alpha, threads: threads)
      for place in group.places {
        let (a, b) = instances[place].products
        sums[place] = FieldVector.weightedSums(a, b, weights: lagrange, threads: threads)
        instances[place].products = ([], [])
      }
    }
    return ShareMessage.LineSums(sums: sums)
  }

  /// small/big as a field element; powers of two, small <= big.
  func ratio(_ small: Int, _ big: Int) -> Fr { Fr(UInt64(big / small)).inverse()! }

  private func cosetValues(_ values: [Fr], _ domain: Domain, _ shift: Fr) -> [Fr] {
    var padded = values
    FieldVector.extend(&padded, to: domain.size)
    recorder.transform(domain) { domain.ifftInPlace(&padded, threads: threads) }
    recorder.transform(domain) { domain.cosetFFTInPlace(&padded, shift: shift, threads: threads) }
    return padded
  }
}
