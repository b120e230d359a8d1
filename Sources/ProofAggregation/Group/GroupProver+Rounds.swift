import Varuna

extension GroupProver {
  /// Whether these shares have all answered a step, and have not been asked for the next one.
  private func due(_ shares: [ShareID], after step: ShareStep) -> Bool {
    shares.allSatisfy { share in
      let answered = (share.steps.firstIndex(of: step) ?? 0) + 1
      return replies[share]?.count == answered && requests(to: share).count == answered
    }
  }

  private var instanceShares: [ShareID] { holders.indices.map(ShareID.instances) }
  private var matrixShares: [ShareID] { Array(shares[holders.count...]) }

  /// Decodes a reply for the sake of its errors.
  func check(_ payload: [UInt8], from share: ShareID, _ step: ShareStep) throws(VarunaError) {
    guard let type = replyType(share, step) else {
      preconditionFailure("\(share) has no step \(step)")
    }
    _ = try type.init(bytes: payload, instances: count(share))
  }

  /// Bytes of every well-formed reply of a share to a step; nil where the share has no such step.
  public func replySize(of share: ShareID, step: UInt8) -> Int? {
    guard let known = ShareStep(rawValue: step), let type = replyType(share, known) else {
      return nil
    }
    return type.size.fixed + count(share) * type.size.perInstance
  }

  private func replyType(_ share: ShareID, _ step: ShareStep) -> (any ShareMessageCoding.Type)? {
    switch (share, step) {
    case (.instances, .witness): ShareMessage.WitnessCommitments.self
    case (.instances, .rowcheck): ShareMessage.RowcheckShare.self
    case (.instances, .lineSums): ShareMessage.LineSums.self
    case (.instances, .lineval): ShareMessage.LinevalShare.self
    case (.instances, .beta): ShareMessage.LinevalEvaluation.self
    case (.instances, .opening): ShareMessage.InstanceOpening.self
    case (.matrix, .beta): ShareMessage.MatrixCommitments.self
    case (.matrix, .quotient): ShareMessage.MatrixQuotient.self
    case (.matrix, .gamma): ShareMessage.MatrixEvaluations.self
    case (.matrix, .opening): ShareMessage.MatrixOpening.self
    default: nil
    }
  }

  private func count(_ share: ShareID) -> Int {
    if case .instances(let k) = share { holders[k].count } else { 0 }
  }

  /// The recorded replies of some shares to a step.
  private func replies<M: ShareMessageCoding>(
    _ shares: [ShareID], _ step: ShareStep
  ) throws(VarunaError) -> [M] {
    var messages: [M] = []
    for share in shares {
      guard let bytes = reply(of: share, step: step.rawValue) else { continue }
      messages.append(try M(bytes: bytes, instances: count(share)))
    }
    return messages
  }

  /// Begins whatever the recorded replies allow.
  mutating func advance() -> Outcome {
    let before = asked
    do throws(VarunaError) {
      try advanceRounds()
    } catch {
      // Every reply has been decoded before; what is left is a challenge inside a domain.
      end = .rejected(blamed: [])
    }
    if let end { return end }
    let new = shares.flatMap { requests(to: $0).dropFirst(before[$0]?.count ?? 0) }
    return new.isEmpty ? .waiting : .requests(Array(new))
  }

  private mutating func advanceRounds() throws(VarunaError) {
    let (instances, matrices) = (instanceShares, matrixShares)
    if due(instances, after: .witness) {
      let weights = try assembler.afterWitness(replies(instances, .witness))
      for (share, message) in zip(instances, weights) { ask(share, .rowcheck, message) }
    } else if due(instances, after: .rowcheck) {
      let alpha = try assembler.afterRowcheck(replies(instances, .rowcheck))
      for share in instances { ask(share, .lineSums, alpha) }
    } else if due(instances, after: .lineSums) {
      let challenges = try assembler.afterLineSums(replies(instances, .lineSums))
      for (share, message) in zip(instances, challenges) { ask(share, .lineval, message) }
    } else if due(instances, after: .lineval) {
      let points = try assembler.afterLineval(replies(instances, .lineval))
      for share in instances { ask(share, .beta, points.instances) }
      for share in matrices { ask(share, .beta, points.matrices) }
    } else if !requests(to: matrices[0]).isEmpty {
      try advanceMatrixRounds()
    }
  }

  /// From beta on; the matrices do not wait for the instances' evaluations until the openings.
  private mutating func advanceMatrixRounds() throws(VarunaError) {
    let (instances, matrices) = (instanceShares, matrixShares)
    if due(matrices, after: .beta) {
      let delta = try assembler.afterMatrices(replies(matrices, .beta))
      for (share, message) in zip(matrices, delta) { ask(share, .quotient, message) }
    } else if due(matrices, after: .quotient) {
      let gamma = try assembler.afterQuotient(replies(matrices, .quotient))
      for share in matrices { ask(share, .gamma, gamma) }
    } else if due(matrices, after: .gamma), due(instances, after: .beta) {
      try assembler.afterEvaluation(replies(instances, .beta))
      let challenges = try assembler.afterGamma(replies(matrices, .gamma))
      for share in instances { ask(share, .opening, challenges.instances) }
      for (share, message) in zip(matrices, challenges.matrices) {
        ask(share, .opening, message)
      }
    } else if due(shares, after: .opening) {
      end = try finish()
    }
  }

  private mutating func finish() throws(VarunaError) -> Outcome {
    let proof = try assembler.afterOpening(
      replies(instanceShares, .opening), replies(matrixShares, .opening))
    let verdict = Verifier.verify(
      proof, statement, version: assembler.version, parameters: srs.verifier)
    if verdict == .accepted { return .finished(proof) }
    let seed = seed
    return .rejected(
      blamed: assembler.culprits(circuit: circuit) { seed.judgement($0) })
  }

  /// Everything needed to go on after a restart. Secret: contains the seed.
  public var snapshot: GroupSnapshot {
    var recorded: [GroupSnapshot.Reply] = []
    for step in ShareStep.allCases {
      for share in shares {
        guard let bytes = reply(of: share, step: step.rawValue) else { continue }
        recorded.append(
          GroupSnapshot.Reply(share: share, step: step, bytes: Hexadecimal.encode(bytes)))
      }
    }
    return GroupSnapshot(
      version: assembler.version, statement: GroupSnapshot.digest(statement), holders: holders,
      seed: Hexadecimal.encode(seed.bytes), replies: recorded)
  }

  /// Goes on from a snapshot; `start()` is replaced by the requests that are still unanswered.
  ///
  /// Throws unless the snapshot belongs to this statement and version and is consistent in itself.
  public init(
    restoring snapshot: GroupSnapshot, srs: SRS, version: VarunaVersion, statement: Statement,
    threads: Int, circuit: @escaping @Sendable (Int) -> IndexedCircuit?
  ) throws(GroupSnapshotError) {
    guard snapshot.version == version, snapshot.statement == GroupSnapshot.digest(statement)
    else { throw .otherStatement }
    let held = snapshot.holders.joined().sorted {
      ($0.circuit, $0.instance) < ($1.circuit, $1.instance)
    }
    guard held == statement.instances, snapshot.holders.allSatisfy({ !$0.isEmpty }),
      let seed = Hexadecimal.decode(snapshot.seed), seed.count == InstanceSeed.byteCount
    else { throw .malformed }
    self.init(
      srs: srs, version: version, statement: statement, holders: snapshot.holders,
      seed: GroupSeed(seed), threads: threads, circuit: circuit)
    for reply in snapshot.replies {
      guard let bytes = Hexadecimal.decode(reply.bytes) else { throw .malformed }
      do throws(ShareFault) {
        _ = try receive(from: reply.share, step: reply.step.rawValue, payload: bytes)
      } catch {
        throw .fault(error)
      }
    }
  }

  /// The requests that are unanswered now, for whoever holds the shares.
  public var unanswered: [ShareRequest] {
    shares.compactMap { owed(by: $0) == nil ? nil : requests(to: $0).last }
  }
}
