import Algebra
import Foundation
import Varuna

/// Where the time and the multiplications of a proof go, step by step and kernel by kernel, against the cost model.
///
/// The model is the multiplications that the algorithms need times the measured cost of one: in Fq for multi-scalar
/// multiplications, in Fr for transforms. Everything else is linear in the sizes and not modelled.
enum ProfileBenchmark {
  private struct Row: Encodable {
    var logSize: Int
    var share: String
    var step: String
    var wallSeconds: Double
    var cpuSeconds: Double
    /// Wall seconds in multi-scalar multiplications and transforms.
    var multiScalarSeconds: Double
    var transformSeconds: Double
    /// Scalars of all multi-scalar multiplications.
    var scalars: Int
    /// Products in the fields that these kernels need.
    var fqMultiplications: Int
    var frMultiplications: Int
    /// Seconds of one core that these products take by themselves.
    var modelSeconds: Double
  }

  static func run(_ options: Options) throws {
    var costs = MultiplicationCosts(
      largest: 1 << (options.logSizes.max() ?? 12), threads: options.threads)
    print(
      String(
        format: "one product: Fq %.1f ns, Fr %.1f ns; threads: %d", costs.fq * 1e9,
        costs.fr * 1e9, options.threads))
    var rows: [Row] = []
    for log in options.logSizes {
      let part = ProofSession.Part(
        shape: .square(log2: log), instances: options.instances[0])
      let srs = ProofSession.parameters(for: [part], threads: options.threads)
      var session = ProofSession([part], srs: srs, threads: options.threads)
      try session.index()
      try session.prove()
      try session.prove()
      let found = session.profile.map { row($0.share, $0.step, log: log, &costs) }
      print(
        "\n2^\(log) constraints, variables and nonzeros of each matrix, \(part.instances) instance(s)"
      )
      printTable(found)
      rows += found
    }
    if let file = options.json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try encoder.encode(rows).write(to: URL(fileURLWithPath: file))
    }
  }

  private static func row(
    _ share: ShareID, _ step: StepProfile, log: Int, _ costs: inout MultiplicationCosts
  ) -> Row {
    func seconds(_ kind: StepProfile.Kernel.Kind) -> Double {
      step.kernels.filter { $0.kind == kind }.reduce(0) { $0 + $1.seconds }
    }
    let scalars = step.sizes(.multiScalar)
    let fq = scalars.reduce(0) { $0 + costs.multiScalar($1) }
    let fr = step.sizes(.transform).reduce(0) { $0 + $1 / 2 * $1.trailingZeroBitCount }
    return Row(
      logSize: log, share: share.description, step: step.step.name, wallSeconds: step.seconds,
      cpuSeconds: step.cpuSeconds, multiScalarSeconds: seconds(.multiScalar),
      transformSeconds: seconds(.transform), scalars: scalars.reduce(0, +), fqMultiplications: fq,
      frMultiplications: fr, modelSeconds: Double(fq) * costs.fq + Double(fr) * costs.fr)
  }

  private static func printTable(_ rows: [Row]) {
    print(
      "share        step                 wall ms   cpu ms   msm ms   fft ms  scalars   Fq mul   Fr mul model ms"
    )
    var total = Row(
      logSize: 0, share: "all", step: "", wallSeconds: 0, cpuSeconds: 0, multiScalarSeconds: 0,
      transformSeconds: 0, scalars: 0, fqMultiplications: 0, frMultiplications: 0, modelSeconds: 0)
    for row in rows {
      print(line(row))
      total.wallSeconds += row.wallSeconds
      total.cpuSeconds += row.cpuSeconds
      total.multiScalarSeconds += row.multiScalarSeconds
      total.transformSeconds += row.transformSeconds
      total.scalars += row.scalars
      total.fqMultiplications += row.fqMultiplications
      total.frMultiplications += row.frMultiplications
      total.modelSeconds += row.modelSeconds
    }
    print(line(total))
  }

  private static func line(_ row: Row) -> String {
    let names =
      row.share.padding(toLength: 13, withPad: " ", startingAt: 0)
      + row.step.padding(toLength: 19, withPad: " ", startingAt: 0)
    let times = [row.wallSeconds, row.cpuSeconds, row.multiScalarSeconds, row.transformSeconds]
      .map { String(format: "%9.1f", $0 * 1e3) }
    let counts =
      String(format: "%9d", row.scalars)
      + [row.fqMultiplications, row.frMultiplications]
      .map { String(format: "%8.2fM", Double($0) * 1e-6) }.joined()
    return names + times.joined() + counts + String(format: "%9.1f", row.modelSeconds * 1e3)
  }
}

/// What one product costs, and how many the kernels need.
struct MultiplicationCosts {
  /// Seconds of a product in Fq inside a multi-scalar multiplication, all else that it does included.
  var fq: Double
  /// Seconds of a product in Fr in a dependent chain.
  var fr: Double
  private let points: [G1Affine]
  private let scalars: [Fr]
  private var known: [Int: Int] = [:]

  /// Measures both on one core.
  init(largest: Int, threads: Int) {
    var random = SplitMix(state: 5)
    let factor = Fr.random(using: &random)
    var value = factor
    let count = 1_000_000
    let chain = ProcessUsage.measure { for _ in 0..<count { value *= factor } }
    precondition(!value.isZero)
    fr = chain.cpuSeconds / Double(count)
    let scalars = (0..<largest).map { _ in Fr.random(using: &random) }
    points = FixedBaseTable(.generator).multiply(scalars, threads: threads)
    self.scalars = scalars
    fq = 0
    let size = min(largest, 1 << 14)
    let products = multiScalar(size)
    let usage = ProcessUsage.measure { for _ in 0..<5 { _ = multiply(size) } }
    fq = usage.cpuSeconds / 5 / Double(products)
  }

  /// Products in Fq of a multi-scalar multiplication with random scalars.
  mutating func multiScalar(_ count: Int) -> Int {
    let count = min(count, scalars.count)
    if let products = known[count] { return products }
    let products = multiply(count)
    known[count] = products
    return products
  }

  private func multiply(_ count: Int) -> Int {
    points.withUnsafeBufferPointer { points in
      scalars[..<count].withUnsafeBufferPointer { scalars in
        MSM.g1Counted(points, scalars, threads: 1).multiplications
      }
    }
  }
}
