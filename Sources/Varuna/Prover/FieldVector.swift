import Algebra

/// Elementwise arithmetic on arrays over Fr, split over threads.
///
/// Every result is independent of the number of threads.
enum FieldVector {
  /// Smallest piece worth a thread.
  static let grain = 1 << 11

  /// Adds scale · source to the front of `target`, which is extended with zeros if it is shorter.
  static func add(
    _ source: ArraySlice<Fr>, scaledBy scale: Fr, to target: inout [Fr], threads: Int
  ) {
    extend(&target, to: source.count)
    source.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { target in
        nonisolated(unsafe) let (source, target) = (source, target)
        Parallel.forRanges(source.count, threads: threads, minimum: grain) { range in
          UnsafeMutableBufferPointer(rebasing: target[range])
            .add(UnsafeBufferPointer(rebasing: source[range]), scaledBy: scale)
        }
      }
    }
  }

  /// Adds scale · source to the front of `target`, which is extended with zeros if it is shorter.
  static func add(_ source: [Fr], scaledBy scale: Fr, to target: inout [Fr], threads: Int) {
    add(source[...], scaledBy: scale, to: &target, threads: threads)
  }

  /// Multiplies every element.
  static func scale(_ values: inout [Fr], by factor: Fr, threads: Int) {
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      Parallel.forRanges(values.count, threads: threads, minimum: grain) { range in
        UnsafeMutableBufferPointer(rebasing: values[range])
          .multiply(byPowersOf: .one, startingWith: factor)
      }
    }
  }

  /// Multiplies every element of `a` by that of `b`; equal counts.
  static func multiply(_ a: inout [Fr], by b: [Fr], threads: Int) {
    precondition(a.count == b.count)
    b.withUnsafeBufferPointer { b in
      a.withUnsafeMutableBufferPointer { a in
        nonisolated(unsafe) let (a, b) = (a, b)
        Parallel.forRanges(a.count, threads: threads, minimum: grain) { range in
          UnsafeMutableBufferPointer(rebasing: a[range])
            .multiply(by: UnsafeBufferPointer(rebasing: b[range]))
        }
      }
    }
  }

  /// Adds scale · a · b elementwise to the front of `target`; a and b have equal counts.
  static func addProduct(
    _ a: [Fr], _ b: [Fr], scaledBy scale: Fr, to target: inout [Fr], threads: Int
  ) {
    precondition(a.count == b.count && a.count <= target.count)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        target.withUnsafeMutableBufferPointer { target in
          nonisolated(unsafe) let (a, b, target) = (a, b, target)
          Parallel.forRanges(a.count, threads: threads, minimum: grain) { range in
            UnsafeMutableBufferPointer(rebasing: target[range])
              .addProducts(
                UnsafeBufferPointer(rebasing: a[range]), UnsafeBufferPointer(rebasing: b[range]),
                scaledBy: scale)
          }
        }
      }
    }
  }

  /// The three inner products of a, b and a · b with the front of `weights`.
  static func weightedSums(_ a: [Fr], _ b: [Fr], weights: [Fr], threads: Int) -> [Fr] {
    precondition(a.count == b.count && a.count <= weights.count)
    let pieces = pieces(a.count, threads: threads)
    let partial = Parallel.map(pieces.count, threads: threads) { piece in
      var (sumA, sumB, sumAB) = (Fr.zero, Fr.zero, Fr.zero)
      for i in pieces[piece] {
        let weighted = a[i] * weights[i]
        sumA += weighted
        sumB += b[i] * weights[i]
        sumAB += weighted * b[i]
      }
      return (sumA, sumB, sumAB)
    }
    return partial.reduce(into: [.zero, .zero, .zero]) { sums, part in
      sums[0] += part.0
      sums[1] += part.1
      sums[2] += part.2
    }
  }

  /// The value at x of the polynomial with these coefficients.
  static func evaluate(_ coefficients: ArraySlice<Fr>, at x: Fr, threads: Int) -> Fr {
    let pieces = pieces(coefficients.count, threads: threads)
    let offset = coefficients.startIndex
    let partial = Parallel.map(pieces.count, threads: threads) { piece in
      var value = Fr.zero
      for i in pieces[piece].reversed() { value = value * x + coefficients[offset + i] }
      return value * x.pow(UInt64(pieces[piece].lowerBound))
    }
    return partial.reduce(.zero, +)
  }

  /// Inverts every element; zeros stay zero.
  static func invert(_ values: inout [Fr], threads: Int) {
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      Parallel.forRanges(values.count, threads: threads, minimum: grain) { range in
        batchInvert(UnsafeMutableBufferPointer(rebasing: values[range]))
      }
    }
  }

  /// Extends an array with zeros.
  static func extend(_ values: inout [Fr], to count: Int) {
    if values.count < count {
      values.append(contentsOf: repeatElement(.zero, count: count - values.count))
    }
  }

  private static func pieces(_ count: Int, threads: Int) -> [Range<Int>] {
    let pieces = max(1, min(threads, count / grain))
    return (0..<pieces).map { count * $0 / pieces..<count * ($0 + 1) / pieces }
  }
}

extension Domain {
  /// Computes the upper half of a polynomial p = low + X^n high of degree below 2n.
  ///
  /// `reduced` is low + high, that is p modulo X^n - 1; `cosetValues` are the values of p on the coset sH with
  /// s^n = -1, which belong to low - high, and become the upper half. Costs one transform.
  func replaceByUpperHalf(cosetValues: inout [Fr], reduced: [Fr], threads: Int) {
    let half = Fr(UInt64(2)).inverse()!
    cosetIFFTInPlace(&cosetValues, shift: quadraticShift, threads: threads)
    FieldVector.scale(&cosetValues, by: -half, threads: threads)
    FieldVector.add(reduced, scaledBy: half, to: &cosetValues, threads: threads)
  }

  /// The Lagrange basis at a point that is known to lie outside the domain.
  func lagrangeOutside(at x: Fr, threads: Int) -> [Fr] {
    let factor = vanishing(at: x) * sizeInverse
    precondition(!factor.isZero, "the point lies in the domain")
    var values = elements
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      Parallel.forRanges(values.count, threads: threads, minimum: FieldVector.grain) { range in
        for i in range { values[i] = x - values[i] }
        batchInvert(UnsafeMutableBufferPointer(rebasing: values[range]))
      }
    }
    FieldVector.multiply(&values, by: elements, threads: threads)
    FieldVector.scale(&values, by: factor, threads: threads)
    return values
  }
}
