/// How a program may verify proofs: what its user leaves to the planner, and what not.
public struct VerificationRequest: Equatable, Sendable {
  /// How often a model's answer is to be verified: deployment is paid once, calls every time.
  public var verifications: Int
  /// How the proofs travel; nil: as is cheapest.
  public var transport: ProofTransport?
  /// The most calls of one verification, its conclusion included; nil: as many as are cheapest.
  public var calls: Int?
  /// The most microcredits of one call; nil: what Aleo admits.
  public var microcredits: Int?
  /// Blocks after a claim's first part in which it is to be concluded.
  public var lifetime: Int

  /// Collects the fields.
  public init(
    verifications: Int = 1_000, transport: ProofTransport? = nil, calls: Int? = nil,
    microcredits: Int? = nil, lifetime: Int = VerifierProgram.standardLifetime
  ) {
    self.verifications = verifications
    self.transport = transport
    self.calls = calls
    self.microcredits = microcredits
    self.lifetime = lifetime
  }
}

extension VerifierProgram {
  /// For every transport that a request admits the program with the division of groups among calls that costs least; the
  /// cheapest first.
  ///
  /// Storage is priced by the square of a call's bytes, so several small calls often cost less than a large one. Divisions
  /// into runs of equally many groups are compared, with exact prices; the library's own deployment is not
  /// counted.
  /// - Throws: the limit that the cheapest division breaks where all break one.
  public func ways(_ request: VerificationRequest = VerificationRequest()) throws(AleoError) -> [(
    program: VerifierProgram, cost: CallCost
  )] {
    var found: [(program: VerifierProgram, cost: CallCost)] = []
    var failure: AleoError?
    for transport in request.transport.map({ [$0] }) ?? [.library, .inline, .bytes] {
      var program = self
      program.transport = transport
      program.lifetime = request.lifetime
      var best: (program: VerifierProgram, cost: CallCost)?
      for run in 1...groups.count {
        let count = (groups.count + run - 1) / run
        guard count == 1 || count <= AleoLimits.functions - 2 - openings.count else { continue }
        // Longer runs cost more: their bytes are far above what storage charges linearly.
        if run > 8, count > 1 { continue }
        program.parts = stride(from: 0, to: groups.count, by: run).map {
          $0..<min($0 + run, groups.count)
        }
        if let most = request.calls, count > 1 ? count + 1 > most : most < 1 { continue }
        let cost = program.cost
        do throws(AleoError) {
          try program.check(cost, microcredits: request.microcredits)
        } catch {
          failure = failure ?? error
          continue
        }
        let total = cost.total(verifications: request.verifications)
        if best.map({ total < $0.cost.total(verifications: request.verifications) }) ?? true {
          best = (program, cost)
        }
      }
      if let best { found.append(best) }
    }
    guard !found.isEmpty else {
      if let failure { throw failure }
      try check()
      throw .unusable("no division into so few calls is left")
    }
    return found.enumerated().sorted {
      ($0.element.cost.total(verifications: request.verifications), $0.offset)
        < ($1.element.cost.total(verifications: request.verifications), $1.offset)
    }.map(\.element)
  }
}
