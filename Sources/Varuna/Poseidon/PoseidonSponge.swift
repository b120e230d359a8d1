import Algebra

/// A duplex sponge: absorbing adds to the rate elements, squeezing reads them.
///
/// It permutes only when the next element has no room, when all rate elements have been read, or when
/// the direction changes. Absorbing or squeezing nothing changes nothing.
public struct PoseidonSponge<F: PrimeField>: Sendable {
  /// The constants of the permutation.
  public let parameters: PoseidonParameters<F>
  /// The state, capacity element first.
  public private(set) var state: [F]
  private var squeezing = false
  private var position = 0

  /// A sponge in the zero state.
  public init(_ parameters: PoseidonParameters<F>) {
    self.parameters = parameters
    state = [F](repeating: .zero, count: parameters.width)
  }

  /// Absorbs one element.
  public mutating func absorb(_ element: F) {
    if squeezing || position == parameters.rate {
      permute()
      squeezing = false
    }
    state[1 + position] += element
    position += 1
  }

  /// Absorbs elements one after the other.
  public mutating func absorb(_ elements: some Sequence<F>) {
    for element in elements { absorb(element) }
  }

  /// Squeezes one element.
  public mutating func squeeze() -> F {
    if !squeezing || position == parameters.rate {
      permute()
      squeezing = true
    }
    position += 1
    return state[position]
  }

  /// Squeezes elements one after the other.
  public mutating func squeeze(_ count: Int) -> [F] {
    (0..<count).map { _ in squeeze() }
  }

  private mutating func permute() {
    parameters.permute(&state)
    position = 0
  }
}
