import Algebra

extension ChunkCircuit {
  /// Fixes all that the checks are about, hashes it with the commitments of the inputs, and checks it at the hash.
  ///
  /// What a check needs of a value is its type: results of products are `Fixed<BitElement>`, whatever enters the key of a lookup
  /// is `Fixed<BitInteger>`. All else is determined by these and the inputs. `docs/soundness.md` has the proofs.
  mutating func emitArguments() {
    let part = partCounts.count
    var transcript = Transcript()
    let products = obligations.products.map { fix($0.results, in: &transcript) }
    let convolutions = obligations.convolutions.map {
      $0.results.map { fix($0, in: &transcript) }
    }
    if !obligations.lookups.isEmpty { recogniseInputs(in: &transcript) }
    let lookups = obligations.lookups.map { fix($0, in: &transcript) }
    builder.enter(operation: part)
    let challenge = transcript.challenge(
      builder,
      commitments: program.graph.inputs.indices.map { LinearCombination(UInt32(1 + $0)) })
    var point = ChallengePoint(builder, at: challenge)
    for (product, results) in zip(obligations.products, products) {
      enter(product.operation)
      check(product, results, &point)
    }
    for (convolution, results) in zip(obligations.convolutions, convolutions) {
      enter(convolution.operation)
      check(convolution, results, &point)
    }
    for (obligation, lookups) in zip(obligations.lookups, lookups) {
      enter(obligation.operation)
      check(lookups, at: challenge)
    }
  }

  private func enter(_ operation: Int) {
    builder.enter(operation: program.graph.inputs.count + operation)
  }

  private func recogniseInputs(in transcript: inout Transcript) {
    for wire in program.graph.inputs.flatMap({ wires[$0] }) {
      if let run = wire.integer?.run { transcript.recognise(committed: run) }
    }
  }

  /// Freivalds: sum_l (sum_a s^a left[a][l]) (sum_p c^p right[l][p]) = sum_(a,p) s^a c^p results[a][p], with s = c^positions.
  ///
  /// Every result has a power of c of its own, so that a wrong one leaves a polynomial of degree below their number.
  private func check(
    _ product: Obligations.Product, _ results: [[FixedResult]], _ point: inout ChallengePoint
  ) {
    let (channels, positions) = (results.count, results[0].count)
    let step = channels > 1 ? point.power(positions) : point.point
    var sum = point.evaluate(results.joined().map(\.combination), at: point.point)
    for (inner, right) in product.right.enumerated() {
      let a = point.evaluate(product.left.map { $0[inner] }, at: step)
      let b = point.evaluate(right, at: point.point)
      sum.add(builder.product(a, b), times: -.one)
    }
    builder.enter(.identity)
    builder.enforceZero(sum)
  }
}
