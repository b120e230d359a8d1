/// What a verifier says about a proof.
public enum Verdict: Equatable, Sendable {
  /// The proof is valid.
  case accepted
  /// The proof, or the statement, is not acceptable.
  case rejected(Rejection)
}

/// Why a proof is not accepted; the texts are for people.
public enum Rejection: Error, Equatable, Sendable {
  /// Bytes that do not decode.
  case encoding(String)
  /// Proof and statement disagree about circuits and instances, or parts are missing.
  case batch(String)
  /// Public inputs that do not fit the key.
  case inputs(String)
  /// The proof lacks the mask or a blinding value.
  case hiding(String)
  /// Domain sizes that no proof can have.
  case domain(String)
  /// A challenge lies in an evaluation domain.
  case challenge(String)
  /// Everything is well-formed but the final equation does not hold.
  case pairing

  /// The reason as one word: encoding, batch, inputs, hiding, domain, challenge or pairing.
  public var code: String {
    switch self {
    case .encoding: "encoding"
    case .batch: "batch"
    case .inputs: "inputs"
    case .hiding: "hiding"
    case .domain: "domain"
    case .challenge: "challenge"
    case .pairing: "pairing"
    }
  }
}

extension Rejection: CustomStringConvertible {
  /// One line for a person.
  public var description: String {
    switch self {
    case .encoding(let detail), .batch(let detail), .inputs(let detail), .hiding(let detail),
      .domain(let detail), .challenge(let detail):
      "\(code): \(detail)"
    case .pairing: "pairing: the proof's equations do not hold"
    }
  }
}

extension VarunaError {
  /// The verdict that a failure to decode or to form a statement amounts to.
  public var rejection: Rejection {
    if case .statement(let rejection) = self { return rejection }
    return .encoding("\(self)")
  }
}
