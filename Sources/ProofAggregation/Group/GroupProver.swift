import Varuna

/// The coordinator's side of one attempt at one batch proof, as a pure state machine: replies in, requests out.
///
/// Knows neither clock nor sockets nor which worker holds which share. Every share answers its steps in order; a
/// step of all shares begins when the one before is complete. All requests and replies are kept, so that a share
/// whose holder vanished can be replayed elsewhere: same seed, same requests, same replies. The finished proof is
/// verified before it is handed out; if it is wrong, the shares that do not satisfy their own equations are
/// named, and the group must be proven again with a fresh seed.
public struct GroupProver: Sendable {
  /// What follows from a reply.
  public enum Outcome: Equatable, Sendable {
    /// Nothing yet: others owe replies.
    case waiting
    /// New requests.
    case requests([ShareRequest])
    /// The proof, verified.
    case finished(Proof)
    /// The proof is wrong because of these shares; empty if the transcript itself is unusable, which chance alone
    /// does not bring about.
    case rejected(blamed: [ShareID])
  }

  /// All shares: instances first, then matrices.
  public let shares: [ShareID]
  /// The instances of each share.
  public let holders: [[InstanceIndex]]
  /// How the group ended, nil while it runs.
  public internal(set) var end: Outcome?

  let srs: SRS
  let seed: GroupSeed
  let circuit: @Sendable (Int) -> IndexedCircuit?
  var assembler: BatchAssembler
  /// Requests to each share, in order.
  var asked: [ShareID: [ShareRequest]] = [:]
  /// Decodable replies of each share, in order.
  var replies: [ShareID: [[UInt8]]] = [:]

  /// Begins an attempt.
  ///
  /// - Parameters:
  ///   - srs: the universal parameters; the coordinator's own part takes |C| + 4 powers.
  ///   - version: of the protocol.
  ///   - statement: keys and public inputs of all circuits and instances.
  ///   - holders: the instances of each share; every instance of the statement occurs once.
  ///   - seed: fresh in every attempt.
  ///   - threads: width of the coordinator's own part.
  ///   - circuit: the indexed circuit by its place in id order. Asked only where a share of matrices was wrong; if it is
  ///     nil then, the instances of that circuit are not judged.
  public init(
    srs: SRS, version: VarunaVersion, statement: Statement, holders: [[InstanceIndex]],
    seed: GroupSeed, threads: Int, circuit: @escaping @Sendable (Int) -> IndexedCircuit?
  ) {
    self.srs = srs
    self.seed = seed
    self.holders = holders
    self.circuit = circuit
    assembler = BatchAssembler(
      srs: srs, version: version, statement: statement, holders: holders,
      seed: seed, threads: threads)
    shares =
      holders.indices.map(ShareID.instances) + statement.keys.indices.map(ShareID.matrix)
    for k in holders.indices { ask(.instances(k), .witness, ShareMessage.Begin()) }
  }

  /// What is proven.
  public var statement: Statement { assembler.statement }
  /// What every share is told at the beginning.
  public var dimensions: BatchDimensions { assembler.dimensions }

  /// The requests that the group begins with.
  public func start() -> [ShareRequest] { shares.compactMap { requests(to: $0).first } }

  /// The seeds of the instances of share k, in the order of its messages' entries.
  public func instanceSeeds(of k: Int) -> [InstanceSeed] { holders[k].map(seed.instance) }

  /// All requests to a share so far, in order; the last may be unanswered.
  public func requests(to share: ShareID) -> [ShareRequest] { asked[share] ?? [] }

  /// The recorded reply of a share to a step, nil if there is none yet.
  public func reply(of share: ShareID, step: UInt8) -> [UInt8]? {
    guard let known = ShareStep(rawValue: step),
      let place = share.steps.firstIndex(of: known), let recorded = replies[share],
      place < recorded.count
    else { return nil }
    return recorded[place]
  }

  /// The step that a share has to answer next, nil if it owes nothing now.
  public func owed(by share: ShareID) -> ShareStep? {
    guard end == nil else { return nil }
    let answered = replies[share]?.count ?? 0
    return answered < requests(to: share).count ? share.steps[answered] : nil
  }

  /// Replies taken so far, and replies in all.
  public var progress: (done: Int, total: Int) {
    (
      replies.values.reduce(0) { $0 + $1.count },
      shares.reduce(0) { $0 + $1.steps.count }
    )
  }

  /// What the group is doing, in a few words.
  public var stepName: String { shares.compactMap(owed).min()?.name ?? "done" }

  /// Takes a share's reply.
  ///
  /// A reply to a step that is recorded already is compared with the record and changes nothing.
  public mutating func receive(
    from share: ShareID, step: UInt8, payload: [UInt8]
  ) throws(ShareFault) -> Outcome {
    guard shares.contains(share) else { throw ShareFault(share: share, reason: .unknownShare) }
    if let known = ShareStep(rawValue: step), let recorded = reply(of: share, step: step) {
      guard recorded == payload else {
        throw ShareFault(share: share, reason: .differsFromRecord(known))
      }
      return .waiting
    }
    guard let expected = owed(by: share), expected.rawValue == step else {
      throw ShareFault(
        share: share, reason: .unexpectedStep(asked: step, expected: owed(by: share)))
    }
    do throws(VarunaError) {
      try check(payload, from: share, expected)
    } catch {
      throw ShareFault(share: share, reason: .malformed(error))
    }
    replies[share, default: []].append(payload)
    return advance()
  }

  mutating func ask(_ share: ShareID, _ step: ShareStep, _ message: some ShareMessageCoding) {
    asked[share, default: []].append(
      ShareRequest(share: share, step: step.rawValue, payload: message.bytes))
  }
}
