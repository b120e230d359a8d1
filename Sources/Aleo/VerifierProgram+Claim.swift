import Algebra
import Varuna

/// Verification over several calls.
///
/// A *claim* is what one caller says that a model did. Its name binds caller, signer, a nonce, all values that the outcome
/// records, and in a registry the model, so nobody but its claimant adds to it, and what he adds is about nothing else. Every part verifies its
/// groups and notes itself in the claim. A value that several parts speak about, or a part and the outcome, is a
/// *link*: the first part that brings it fixes it, and whoever brings it later must bring the same. `conclude` asserts
/// that all parts are noted, compares the links that the outcome speaks about, frees the claim's storage, and records
/// the outcome. Parts come in any order; one that comes twice changes nothing.
extension VerifierProgram {
  /// The mapping of claims that are not concluded.
  public static let claims = "claims"
  /// The mapping of their links.
  static let links = "links"
  /// The function that ends a claim.
  public static let conclude = "conclude"
  /// The function that frees the storage of a claim that was not concluded in time.
  public static let expire = "expire"

  /// Values that the same parts speak about.
  struct Link: Equatable {
    var values: [Int]
    /// The parts; the conclusion is the one after the last.
    var parts: [Int]
  }

  /// Name of the function that verifies a part.
  static func partName(_ number: Int) -> String { "verify_\(number)" }

  /// The values that the statements of a part's groups hold, in order.
  func values(ofPart number: Int) -> [Int] {
    let used = parts[number].flatMap { groups[$0] }.flatMap { $0.instances.joined() }
    return Set(used).sorted()
  }

  /// The values that the outcome records, in its order.
  var outcomeValues: [Int] { inputs + outputs + parameters }

  /// All links, each known by its place in this list.
  var claimLinks: [Link] {
    var users: [Int: [Int]] = [:]
    for part in parts.indices {
      for value in values(ofPart: part) { users[value, default: []].append(part) }
    }
    for value in Set(outcomeValues) { users[value, default: []].append(parts.count) }
    var links: [Link] = []
    var places: [[Int]: Int] = [:]
    for value in values.indices {
      guard let parts = users[value], parts.count > 1 else { continue }
      if let place = places[parts] {
        links[place].values.append(value)
      } else {
        places[parts] = links.count
        links.append(Link(values: [value], parts: parts))
      }
    }
    return links
  }

  /// What a claim's name is the hash of.
  var claimName: ProgramSource.Structure {
    .init(
      name: "claim_name",
      members: [
        ("claimant", .address), ("origin", .address), ("nonce", .field), ("statement", .field),
      ] + (isRegistry ? [("model", .field)] : []))
  }

  /// What is noted of a claim: the last block that takes parts, and a bit for each part that was verified.
  var claimState: ProgramSource.Structure {
    .init(
      name: "claim_state",
      members: [("deadline", .unsigned(bits: 32)), ("verified", .unsigned(bits: 128))])
  }

  /// The digest of the values that the outcome records, which names a claim: Poseidon over the bits of all, 253 each.
  public func statementDigest(_ values: [Fr]) -> Fr {
    var preimage = HashPreimage()
    for value in outcomeValues { preimage.append(values[value]) }
    return preimage.hash
  }

  // MARK: - Functions

  /// Takes nonce, statement digest, in a registry the model's name, and values in one array, and the proofs; verifies them
  /// and notes the part.
  func partFunction(_ number: Int) -> ProgramSource.Function {
    let own = values(ofPart: number)
    let head = isRegistry ? 3 : 2
    let types =
      [.array(of: .field, count: head + own.count)] + parts[number].flatMap(proofTypes)
    return claimFunction(Self.partName(number), types) { block, who, arguments in
      let operands = Dictionary(
        uniqueKeysWithValues: own.enumerated().map { ($1, arguments[0][head + $0]) })
      let model = isRegistry ? arguments[0][2] : nil
      let claim = self.claim(
        of: who, nonce: arguments[0][0], statement: arguments[0][1], model, &block)
      let deadline = block.binary(
        "add", "block.height", "\(lifetime)u32", .unsigned(bits: 32))
      let fresh = block.cast([deadline.text, "0u128"], into: claimState.type)
      let state = block.get(claimState.type, from: Self.claims, at: claim, or: fresh)
      let end = state.member("deadline", .unsigned(bits: 32))
      block.assertEqual(block.binary("lte", "block.height", end.text, .boolean), "true")
      let verified = block.binary(
        "or", state.member("verified", .unsigned(bits: 128)).text, "\(UInt128(1) << number)u128",
        .unsigned(bits: 128))
      block.set(block.cast([end, verified], into: claimState.type), in: Self.claims, at: claim)
      for (place, link) in claimLinks.enumerated() where link.parts.contains(number) {
        let key = linkKey(place, of: claim, &block)
        let content = content(of: link, { operands[$0]! }, &block)
        let fixed = block.get(.field, from: Self.links, at: key, or: content)
        block.assertEqual(content, fixed.text)
        block.set(content, in: Self.links, at: key)
      }
      verify(parts[number], of: model, Array(arguments.dropFirst()), { operands[$0]! }, &block)
    }
  }

  /// Takes the nonce, in a registry the model's name, and the outcome's values in one array, and its integers; ends the claim
  /// and records the outcome.
  var conclusion: ProgramSource.Function {
    let given = concludedValues
    let head = isRegistry ? 2 : 1
    let types = [.array(of: .field, count: head + given.count)] + words.map(\.type)
    return claimFunction(Self.conclude, types) { block, who, arguments in
      var operands = Dictionary(
        uniqueKeysWithValues: given.enumerated().map { ($1, arguments[0][head + $0]) })
      let model = isRegistry ? arguments[0][1] : nil
      let hashed = values.indices.filter { values[$0] != .given }
      let integers = Dictionary(uniqueKeysWithValues: zip(hashed, arguments.dropFirst()))
      for value in hashed { operands[value] = block.poseidon(integers[value]!, raw: true) }
      let all = outcomeValues.map { operands[$0]! }
      let statement = block.poseidon(
        block.cast(all, into: .array(of: .field, count: all.count)), raw: true)
      let claim = self.claim(of: who, nonce: arguments[0][0], statement: statement, model, &block)
      let state = block.get(claimState.type, from: Self.claims, at: claim)
      let end = state.member("deadline", .unsigned(bits: 32))
      block.assertEqual(block.binary("lte", "block.height", end.text, .boolean), "true")
      block.assertEqual(
        state.member("verified", .unsigned(bits: 128)), "\(UInt128.max >> (128 - parts.count))u128")
      for (place, link) in claimLinks.enumerated() where link.parts.contains(parts.count) {
        let fixed = block.get(.field, from: Self.links, at: linkKey(place, of: claim, &block))
        block.assertEqual(content(of: link, { operands[$0]! }, &block), fixed.text)
      }
      free(claim, &block)
      record(model, { operands[$0]! }, integers: integers, &block)
    }
  }

  /// Takes what names a claim; frees its storage once its time is over. Anybody may call it.
  var expiry: ProgramSource.Function {
    let types = claimName.members.map(\.type)
    var body = InstructionBlock(.function, Self.expire)
    body.finalize(of: name, types.map { body.input($0, "public") })
    var block = InstructionBlock(.finalize, Self.expire)
    let claim = block.keccak(
      block.cast(types.map { block.input($0, "public") }, into: claimName.type))
    let state = block.get(claimState.type, from: Self.claims, at: claim)
    let end = state.member("deadline", .unsigned(bits: 32))
    block.assertEqual(block.binary("gt", "block.height", end.text, .boolean), "true")
    free(claim, &block)
    return .init(body: body, finalize: block)
  }

  /// The values that `conclude` takes as field elements.
  var concludedValues: [Int] { Set(outcomeValues.filter { values[$0] == .given }).sorted() }

  // MARK: - Pieces of their scopes

  /// A function that tells its finalize scope who calls.
  private func claimFunction(
    _ function: String, _ types: [PlaintextType],
    _ scope: (inout InstructionBlock, [InstructionBlock.Operand], [InstructionBlock.Operand]) ->
      Void
  ) -> ProgramSource.Function {
    var body = InstructionBlock(.function, function)
    let callers = ["self.caller", "self.signer"].map {
      InstructionBlock.Operand(text: $0, type: .address)
    }
    body.finalize(of: name, callers + types.map { body.input($0, "public") })
    var block = InstructionBlock(.finalize, function)
    let who = callers.map { _ in block.input(.address, "public") }
    let arguments = types.map { block.input($0, "public") }
    scope(&block, who, arguments)
    return .init(body: body, finalize: block)
  }

  private func claim(
    of who: [InstructionBlock.Operand], nonce: InstructionBlock.Operand,
    statement: InstructionBlock.Operand, _ model: InstructionBlock.Operand?,
    _ block: inout InstructionBlock
  ) -> InstructionBlock.Operand {
    let members = who + [nonce, statement] + (model.map { [$0] } ?? [])
    return block.keccak(block.cast(members, into: claimName.type))
  }

  /// The key of a link: a hash and a small number, which no other claim's key meets.
  private func linkKey(
    _ place: Int, of claim: InstructionBlock.Operand, _ block: inout InstructionBlock
  ) -> InstructionBlock.Operand {
    block.binary("add", claim.text, "\(place)field", .field)
  }

  /// What is noted of a link: its value, or the hash of its values.
  private func content(
    of link: Link, _ operand: (Int) -> InstructionBlock.Operand, _ block: inout InstructionBlock
  ) -> InstructionBlock.Operand {
    let operands = link.values.map(operand)
    if operands.count == 1 { return operands[0] }
    return block.keccak(block.cast(operands, into: .array(of: .field, count: operands.count)))
  }

  /// Removes all that was noted of a claim.
  private func free(_ claim: InstructionBlock.Operand, _ block: inout InstructionBlock) {
    block.remove(from: Self.claims, at: claim)
    for place in claimLinks.indices {
      block.remove(from: Self.links, at: linkKey(place, of: claim, &block))
    }
  }
}
