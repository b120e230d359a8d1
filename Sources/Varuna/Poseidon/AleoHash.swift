import Algebra

/// The Poseidon hashes of Aleo programs, on elements that are already encoded.
///
/// `hash.psd8.raw x into r as field` computes `AleoHash.hash(rate: 8, elements)` where `elements` are
/// the raw bits of x cut into 252-bit little-endian pieces. The preimage is a header block (domain,
/// number of elements, zeros) followed by the elements.
public enum AleoHash {
  /// The domain element: ASCII "AleoPoseidon2", "…4" or "…8", read as a little-endian integer.
  public static func domain(rate: Int) -> Fr {
    Fr(reducing: Array("AleoPoseidon\(rate)".utf8))
  }

  /// The header block that is absorbed before `count` elements: `rate` field elements.
  public static func header(rate: Int, count: Int) -> [Fr] {
    [domain(rate: rate), Fr(count)] + [Fr](repeating: .zero, count: rate - 2)
  }

  /// The hash of a list of field elements at rate 2, 4 or 8.
  public static func hash(rate: Int, _ elements: [Fr]) -> Fr {
    hashMany(rate: rate, elements, outputs: 1)[0]
  }

  /// Several outputs from one absorption.
  public static func hashMany(rate: Int, _ elements: [Fr], outputs: Int) -> [Fr] {
    var sponge = PoseidonSponge(PoseidonInstances.scalarField(rate: rate))
    sponge.absorb(header(rate: rate, count: elements.count))
    sponge.absorb(elements)
    return sponge.squeeze(outputs)
  }
}
