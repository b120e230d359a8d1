import Algebra

/// Predicts the peak memory of prover work from domain sizes, in bytes.
///
///     resident  = process + stride · points + 32 · (sum of the distinct domains) + circuit
///     index     = resident + 32 · 4 (|K_A| + |K_B| + |K_C|) + msm(max |K|)
///     matrices  = resident + 32 · (5 (|K_A| + |K_B| + |K_C|) + 2 max |K|) + msm(max |K|)
///     instances = resident + the largest of its steps: 32 · live vectors + msm(their length)
///
/// msm is what a multi-scalar multiplication holds for itself. `docs/performance.md` compares the prediction with what the operating system reports. Sizes are powers of two; what
/// is padded is counted as full, so that the prediction is an upper bound for real circuits.
public struct ProverMemory: Equatable, Sendable {
  /// |R|.
  public var constraints: Int
  /// |C|.
  public var variables: Int
  /// |K| of A, B and C.
  public var nonzeros: [Int]
  /// Powers of tau in memory, shifted ones included.
  public var points: Int
  /// Threads of a kernel.
  public var threads: Int

  /// Text, runtime libraries and stacks of a worker that has done nothing yet.
  public static let processBytes = 30 << 20

  /// The model for circuits within these domains.
  ///
  /// - Parameters:
  ///   - constraints: size of domain R.
  ///   - variables: size of domain C.
  ///   - nonzeros: sizes of domains K of A, B and C.
  ///   - points: powers of tau in memory; nil for the fewest that suffice.
  ///   - threads: width of the prover.
  public init(
    constraints: Int, variables: Int, nonzeros: [Int], points: Int? = nil, threads: Int = 1
  ) {
    precondition(nonzeros.count == 3)
    self.constraints = constraints
    self.variables = variables
    self.nonzeros = nonzeros
    self.points = points ?? 2 * ([constraints, variables] + nonzeros).reduce(0, max)
    self.threads = threads
  }

  /// A constraint system: values and variables of its entries, starts of the rows, places of the variables.
  public var circuitBytes: Int {
    (Self.element + 4) * nonzeros.reduce(0, +) + 24 * constraints + 4 * variables
  }

  /// The twelve index polynomials of a circuit.
  public var indexPolynomialBytes: Int { Self.element * 4 * nonzeros.reduce(0, +) }

  /// What stays in memory whatever is done with the circuit: process, powers, roots of unity, constraint system.
  public var residentBytes: Int {
    let tables = Set([constraints, variables] + nonzeros).reduce(0, +)
    return Self.processBytes + points * MemoryLayout<G1Affine>.stride + Self.element * tables
      + circuitBytes
  }

  /// Making the verifying key, beside what is resident.
  public var indexWorkBytes: Int { indexPolynomialBytes + multiplication(largest) }

  /// A share of the matrices, beside what is resident.
  ///
  /// At the opening: the index polynomials, three f, the combined polynomial and its quotient.
  public var matrixWorkBytes: Int {
    indexPolynomialBytes + Self.element * (nonzeros.reduce(0, +) + 2 * largest)
      + multiplication(largest)
  }

  /// A share of so many instances of one circuit, beside what is resident.
  public func instanceWorkBytes(_ instances: Int = 1) -> Int {
    let (r, c) = (constraints, variables)
    let held = instances * (c + 2 * r)
    let steps = [
      // The witness polynomial.
      (elements: held + c, scalars: c),
      // The row check: values modulo v_R and on the coset, then h_0.
      (elements: held + 4 * r, scalars: 0), (elements: held + 3 * r, scalars: r),
      // The line check: h_0, g_1, h_1, T, w and what they are made of.
      (elements: r + instances * c + 7 * c, scalars: 0), (elements: r + 4 * c, scalars: c),
      // The openings at alpha and beta with their quotients.
      (elements: 2 * r + 4 * c, scalars: r), (elements: 3 * c, scalars: c),
    ]
    return steps.map { Self.element * $0.elements + multiplication($0.scalars) }.max() ?? 0
  }

  /// Making the verifying key.
  public var indexBytes: Int { residentBytes + indexWorkBytes }
  /// A share of the matrices.
  public var matrixBytes: Int { residentBytes + matrixWorkBytes }
  /// A share of so many instances of one circuit.
  public func instanceBytes(_ instances: Int = 1) -> Int {
    residentBytes + instanceWorkBytes(instances)
  }
  /// The most that any single task over the circuit takes.
  public var peakBytes: Int { max(indexBytes, matrixBytes, instanceBytes()) }

  static let element = MemoryLayout<Fr>.stride
  var largest: Int { nonzeros.reduce(0, max) }

  func multiplication(_ scalars: Int) -> Int {
    scalars == 0 ? 0 : MSM.temporaryBytes(count: scalars, threads: threads)
  }
}
