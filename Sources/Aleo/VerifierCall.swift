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
  /// The calls that prove a statement, in an order in which they can be made: one, or one for each part and the conclusion.
  ///
  /// - Parameters:
  ///   - values: all values.
  ///   - integers: for every list of integers its elements.
  ///   - proofs: one per group, as snarkVM serialises them.
  ///   - nonce: what tells claims about the same statement by the same caller from each other.
  public func calls(
    values: [Fr], integers: [[UInt64]], proofs: [[UInt8]], nonce: Fr = .zero
  ) -> [VerifierCall] {
    let model = isRegistry ? [registeredName] : []
    precondition(values.count == self.values.count && integers.map(\.count) == words.map(\.count))
    precondition(proofs.map(\.count) == groups.indices.map(proofBytes))
    func elements(_ elements: [Fr]) -> String { Self.array(elements.map { "\($0.decimal)field" }) }
    func literals(of group: Int) -> [String] {
      transport == .bytes
        ? [Self.array(proofs[group].map { "\($0)u8" })]
        : packedProof(ofGroup: group).literals(proofs[group])
    }
    let lists = zip(integers, words).map { elements, words in
      Self.array(elements.map { "\($0)u\(words.bits)" })
    }
    guard isDivided else {
      let given = values.indices.filter { self.values[$0] == .given }.map { values[$0] }
      return [
        call(Self.function, [elements(model + given)] + lists + groups.indices.flatMap(literals))
      ]
    }
    let statement = statementDigest(values)
    return parts.indices.map { part in
      call(
        Self.partName(part),
        [elements([nonce, statement] + model + self.values(ofPart: part).map { values[$0] })]
          + parts[part].flatMap(literals))
    } + [
      call(Self.conclude, [elements([nonce] + model + concludedValues.map { values[$0] })] + lists)
    ]
  }

  /// A call of one of the program's functions.
  func call(_ function: String, _ inputs: [String]) -> VerifierCall {
    VerifierCall(program: name, function: function, inputs: inputs)
  }

  /// An array literal.
  static func array(_ elements: [String]) -> String {
    "[" + elements.joined(separator: ", ") + "]"
  }
}
