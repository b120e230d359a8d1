import Algebra

extension ChunkCircuit {
  /// Evaluates each block at powers of the challenge; the products of elements and powers serve all of them.
  func check(
    _ convolution: Obligations.Convolution, _ results: [[[FixedResult]]],
    _ point: inout ChallengePoint
  ) {
    let sums = convolution.sums
    let powers = point.powers(of: point.point, count: max(sums.largestExponent, 1) + 1)
    let products = sums.products.map { product in
      let source = convolution.sources[Int(product.element)]
      return product.exponent == 0
        ? source : point.multiply(source, LinearCombination(powers[product.exponent]))
    }
    for (place, block) in convolution.blocks.enumerated() {
      check(block, sums.sums[place], results[place], products, powers, &point)
    }
  }

  /// Evaluation of a convolution at (c, s), two powers of the challenge:
  ///
  ///     c^D sum_(a,p) s^a c^shift(p) results[a][p] = sum_l (sum_a s^a weights[a][l]) c^(D - offset(l)) sums(l)
  ///
  /// s = c^span, where span exceeds all shifts, so that every result has a power of its own; D is the largest offset.
  private func check(
    _ block: MatrixBlock, _ sums: [TranslatedSums.Sum], _ results: [[FixedResult]],
    _ products: [LinearCombination], _ powers: [UInt32], _ point: inout ChallengePoint
  ) {
    let shifts = block.translation!.shifts
    let span = shifts.max()! + 1
    let step = block.channelCount > 1 ? point.power(span) : point.point
    let largestOffset = sums.reduce(0) { max($0, $1.offset) }
    let terms = results.enumerated().flatMap { channel, row in
      zip(shifts, row).map { (exponent: channel * span + $0, value: $1.combination) }
    }
    var sum = point.evaluate(terms)
    if largestOffset > 0 { sum = point.multiply(sum, LinearCombination(powers[largestOffset])) }
    var totals: [LinearCombination] = []
    for (term, columnSum) in sums.enumerated() {
      var total = Self.total(columnSum, of: products, after: totals)
      if columnSum.isBase {
        total = LinearCombination(builder.materialise(total, value: builder.value(total)))
      }
      totals.append(total)
      let weights = block.weights.map { LinearCombination(constant: SmallScalars.scalar($0[term])) }
      var weight = point.evaluate(weights, at: step)
      let lift = largestOffset - columnSum.offset
      if lift > 0 { weight = point.multiply(weight, LinearCombination(powers[lift])) }
      sum.add(point.multiply(weight, total), times: -.one)
    }
    builder.enter(.identity)
    builder.enforceZero(sum)
  }

  private static func total(
    _ sum: TranslatedSums.Sum, of products: [LinearCombination], after totals: [LinearCombination]
  ) -> LinearCombination {
    var terms = sum.base.map { totals[$0].terms } ?? []
    for product in sum.added { terms += products[product].terms }
    for product in sum.removed { terms += (LinearCombination() - products[product]).terms }
    return LinearCombination(merging: terms)
  }
}
