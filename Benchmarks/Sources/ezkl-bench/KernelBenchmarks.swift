import Algebra

/// The kernels of every level that this processor has, as costs in multiplications.
///
/// `bare` is what one multiplication costs when many independent ones are done at once. A transform of n values is
/// compared with its n/2 log n butterflies at one multiplication each, an MSM with the multiplications it counts.
enum KernelBenchmarks {
  static func run(into report: inout Report, logSize: Int) {
    let before = Kernels.current
    defer { Kernels.current = before }
    var generator = SystemRandomNumberGenerator()
    let size = 1 << logSize
    let scalars = (0..<size).map { _ in Fr.random(using: &generator) }
    let points = FixedBaseTable(.generator).multiply(scalars, threads: report.threads)
    for level in Kernels.allCases where level <= .best {
      Kernels.current = level
      transform(level, scalars, &report)
      multiScalarMultiplication(level, points, scalars.reversed(), &report)
    }
  }

  private static func transform(_ level: Kernels, _ scalars: [Fr], _ report: inout Report) {
    let logSize = scalars.count.trailingZeroBitCount
    let vector = Array(scalars.prefix(1 << 10))
    var product = vector
    let bare = report.measure("\(level)", "Fr multiplication, bare", runs: 9, per: 100 << 10) {
      vector.withUnsafeBufferPointer { vector in
        product.withUnsafeMutableBufferPointer { product in
          for _ in 0..<100 { product.multiply(by: vector) }
        }
      }
    }
    let domain = Domain(size: scalars.count)
    var values = scalars
    let time = report.measure("\(level)", "FFT, one thread", logSize: logSize, runs: 9) {
      domain.fftInPlace(&values, threads: 1)
    }
    let butterflies = Double(scalars.count / 2 * logSize)
    report.addRatio(
      "\(level)", "FFT / bare butterflies", logSize: logSize, time / (butterflies * bare))
  }

  private static func multiScalarMultiplication(
    _ level: Kernels, _ points: [G1Affine], _ scalars: [Fr], _ report: inout Report
  ) {
    let logSize = scalars.count.trailingZeroBitCount
    let count = points.withUnsafeBufferPointer { points in
      scalars.withUnsafeBufferPointer { MSM.g1Counted(points, $0, threads: 1).multiplications }
    }
    let time = report.measure(
      "\(level)", "MSM per point, one thread", logSize: logSize, runs: 3, per: scalars.count
    ) {
      _ = MSM.g1(points[...], scalars[...], threads: 1)
    }
    let perPoint = Double(count) / Double(scalars.count)
    report.addRatio("\(level)", "MSM multiplications per point", logSize: logSize, perPoint)
    report.add(
      "\(level)", "MSM per multiplication", logSize: logSize, seconds: time / perPoint, runs: 3)
  }
}
