import Algebra

extension InstanceShare {
  /// Step 4: the parts of g_1 and h_1.
  ///
  /// The sum over instances of nu T z is T times Z = sum of nu z: one product per circuit however many instances there
  /// are. Its quotient by v_C goes to h_1, its remainder to g_1 (repeated, which multiplies by v_C/v_{C_c} when
  /// the circuit is smaller than the largest). Six transforms per circuit.
  public func lineval(
    _ request: ShareMessage.LineChallenge
  ) throws(ShareError) -> ShareMessage.LinevalShare {
    precondition(request.weights.count == instances.count)
    try advance(.lineval)
    defer { recorder.end() }
    g1 = [Fr](repeating: .zero, count: dimensions.C - 1)
    h1 = []
    for number in groups.indices { multiplyOut(&groups[number], request) }
    if let mask {
      FieldVector.add(mask.quotient, scaledBy: .one, to: &h1, threads: 1)
      FieldVector.add(mask.remainder, scaledBy: .one, to: &g1, threads: 1)
    }
    let blinding = mask?.g1 ?? []
    let commitment = try recorder.time(.multiScalar, g1.count) { () throws(ShareError) in
      try withParameters { () throws(VarunaError) in
        try KZG.commitBounded(
          srs, g1, bound: dimensions.C - 2, blinding: blinding, threads: threads
        ).affine
      }
    }
    return ShareMessage.LinevalShare(g1: commitment, h1: try commit(h1))
  }

  private func multiplyOut(_ group: inout Group, _ request: ShareMessage.LineChallenge) {
    let circuit = group.circuit
    let domain = Domain(size: circuit.shape.C)
    let shift = domain.quadraticShift

    var combined: [Fr] = []
    group.blinding = [Fr](repeating: .zero, count: KZG.blindingCount)
    for place in group.places {
      let weight = request.weights[place]
      FieldVector.add(
        instances[place].assignment, scaledBy: weight, to: &combined, threads: threads)
      FieldVector.add(
        instances[place].blinding, scaledBy: weight, to: &group.blinding, threads: 1)
      instances[place].assignment = []
    }
    var z = circuit.assignmentValues(combined)
    combined = []
    var line = lineValues(circuit, eta: request.eta)

    var remainder = z
    FieldVector.multiply(&remainder, by: line, threads: threads)
    recorder.transform(domain) { domain.ifftInPlace(&remainder, threads: threads) }
    recorder.transform(domain) { domain.ifftInPlace(&z, threads: threads) }
    recorder.transform(domain) { domain.ifftInPlace(&line, threads: threads) }
    group.line = line
    group.witness = z
    Self.divideByPublicPart(&group.witness, X: circuit.shape.X)
    recorder.transform(domain) { domain.cosetFFTInPlace(&z, shift: shift, threads: threads) }
    recorder.transform(domain) { domain.cosetFFTInPlace(&line, shift: shift, threads: threads) }
    FieldVector.multiply(&z, by: line, threads: threads)
    line = []
    recorder.transform(domain) {
      domain.replaceByUpperHalf(cosetValues: &z, reduced: remainder, threads: threads)
    }

    let scale = ratio(domain.size, dimensions.C)
    FieldVector.add(z, scaledBy: scale, to: &h1, threads: threads)
    z = []
    FieldVector.scale(&remainder, by: scale, threads: threads)
    for i in g1.indices { g1[i] += remainder[(i + 1) & (domain.size - 1)] }
  }

  /// The values on C of T = sum of eta_M M(alpha, X): every non-zero times its row's eta_M L_r(alpha).
  private func lineValues(_ circuit: IndexedCircuit, eta: [Fr]) -> [Fr] {
    let lagrange = Domain(size: circuit.shape.R).lagrangeOutside(at: alpha, threads: threads)
    let rows = circuit.r1cs.constraintCount
    let matrices = circuit.r1cs.matrices
    let positions = circuit.positions
    let size = circuit.shape.C
    let pieces = max(1, min(threads, rows / FieldVector.grain))
    let partial = Parallel.map(pieces, threads: threads) { piece in
      var values = [Fr](repeating: .zero, count: size)
      for m in 0..<3 {
        let sparse = matrices[m]
        for row in rows * piece / pieces..<rows * (piece + 1) / pieces {
          let factor = eta[m] * lagrange[row]
          for k in sparse.rowStarts[row]..<sparse.rowStarts[row + 1] {
            values[Int(positions[Int(sparse.variables[k])])] += sparse.coefficients[k] * factor
          }
        }
      }
      return values
    }
    var sum = partial[0]
    for values in partial.dropFirst() {
      FieldVector.add(values, scaledBy: .one, to: &sum, threads: threads)
    }
    return sum
  }
}
