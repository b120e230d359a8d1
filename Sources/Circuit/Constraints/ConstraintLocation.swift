import Algebra

/// What a group of constraints is for.
public enum Gadget: String, Hashable, Sendable, Codable {
  /// Every bit is 0 or 1.
  case bit
  /// Bits add up to the value they stand for.
  case recomposition
  /// A bit pattern does not exceed a constant.
  case bound
  /// A long linear combination gets a variable of its own.
  case materialisation
  /// A value is multiplied by a sign bit, or by the outcome of a comparison.
  case selection
  /// A number is compared with 0.
  case equality
  /// Just one of several bits is 1, and it is the one that an index names.
  case oneHot
  /// Two variables are multiplied.
  case product
  /// A polynomial in the challenge is evaluated.
  case evaluation
  /// Two sides of an identity at the challenge are equal.
  case identity
  /// A looked-up entry has an inverse at the challenge, or a table entry its share.
  case lookup
  /// An S-box of the hash.
  case sbox
  /// The linear layer of the hash, or what is absorbed.
  case hashState
  /// A hash equals its public input.
  case commitment
  /// Two random values are multiplied, for zero knowledge.
  case randomizer
}

/// Where a constraint comes from.
public struct ConstraintLocation: Hashable, Sendable, CustomStringConvertible {
  /// The operation's name, or "input 0", "output 1" for boundary tensors.
  public let operation: String
  /// What the constraint is for.
  public let gadget: Gadget
  /// The element of the operation's result, or the piece of a boundary tensor.
  public let element: Int
  /// The row of the constraint system.
  public let constraint: Int

  /// Operation, element, gadget and row.
  public var description: String {
    "\(operation), element \(element): \(gadget.rawValue) (constraint \(constraint))"
  }
}

/// A constraint that an assignment violates: a * b is not c.
public struct ConstraintFailure: Hashable, Sendable {
  /// The violated constraint.
  public let location: ConstraintLocation
  /// Values of the three linear combinations; witness data, not for logs.
  public let a: Fr, b: Fr, c: Fr
}
