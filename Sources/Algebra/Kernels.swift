import CLimbs

/// The kernels that field arithmetic, transforms and multi-scalar multiplications run on.
///
/// Chosen when the program starts by what the processor offers, or by the environment variable `EZKL_KERNELS`
/// (`portable`, `adx`, `ifma`). All give the same results to the bit.
public enum Kernels: Int32, CaseIterable, Comparable, Sendable {
  /// C with 128-bit products.
  case portable
  /// x86-64 assembly: mulx with two carry chains (BMI2 and ADX).
  case adx
  /// As ``adx``, and batches on eight lanes of 52-bit limbs (AVX-512 IFMA).
  case ifma

  /// The best that this processor can run.
  public static var best: Kernels { Kernels(rawValue: climbs_best_level()) ?? .portable }

  /// What this process uses; setting more than the processor offers sets the best.
  public static var current: Kernels {
    get { Kernels(rawValue: climbs_level()) ?? .portable }
    set { climbs_set_level(newValue.rawValue) }
  }

  /// Whether a needs less of the processor than b.
  public static func < (a: Kernels, b: Kernels) -> Bool { a.rawValue < b.rawValue }
}
