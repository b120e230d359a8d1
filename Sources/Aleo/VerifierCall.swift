import Algebra

/// The inputs of a call of a verifier program, as Aleo's tools take them.
public struct VerifierCall: Codable, Equatable, Sendable {
  /// The program's name.
  public var program: String
  /// The function's name.
  public var function: String
  /// One Aleo literal per input.
  public var inputs: [String]
}

extension VerifierProgram {
  /// The call that proves a statement.
  ///
  /// - Parameters:
  ///   - given: the values that the caller passes.
  ///   - integers: for every list of integers its elements.
  ///   - proofs: one per group, as snarkVM serialises them.
  public func call(given: [Fr], integers: [[UInt64]], proofs: [[UInt8]]) -> VerifierCall {
    precondition(given.count == givenCount && integers.map(\.count) == words.map(\.count))
    precondition(proofs.map(\.count) == groups.indices.map(proofBytes))
    func array(_ elements: some Sequence<String>) -> String {
      "[" + elements.joined(separator: ", ") + "]"
    }
    let lists = zip(integers, words).map { elements, words in
      array(elements.map { "\($0)u\(words.bits)" })
    }
    return VerifierCall(
      program: name, function: Self.function,
      inputs: [array(given.map { "\($0.decimal)field" })] + lists
        + proofs.map { array($0.map { "\($0)u8" }) })
  }
}
