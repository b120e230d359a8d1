import Algebra

/// The Poseidon instances that Aleo uses, derived at first use.
public enum PoseidonInstances {
  /// The transcript of Varuna: base field, rate 2.
  public static let transcript = PoseidonParameters<Fq>(rate: 2)
  /// `hash.psd2`.
  public static let rate2 = PoseidonParameters<Fr>(rate: 2)
  /// `hash.psd4`.
  public static let rate4 = PoseidonParameters<Fr>(rate: 4)
  /// `hash.psd8`.
  public static let rate8 = PoseidonParameters<Fr>(rate: 8)

  /// The instance over the scalar field for rate 2, 4 or 8.
  public static func scalarField(rate: Int) -> PoseidonParameters<Fr> {
    switch rate {
    case 2: rate2
    case 4: rate4
    case 8: rate8
    default: preconditionFailure("Aleo has Poseidon hashes of rate 2, 4 and 8 only")
    }
  }
}
