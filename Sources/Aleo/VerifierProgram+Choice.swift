/// How a program may verify proofs: what its user leaves to the planner, and what not.
public struct VerificationRequest: Equatable, Sendable {
  /// How often a model's answer is to be verified: deployment is paid once, calls every time.
  public var verifications: Int
  /// The program's name; nil: one from the model's name and digest, or from a registry's text.
  public var name: String?
  /// Whether the program is to serve all models of its shape; nil: if that is cheapest.
  public var registry: Bool?
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
    verifications: Int = 1_000, name: String? = nil, registry: Bool? = nil,
    transport: ProofTransport? = nil, calls: Int? = nil, microcredits: Int? = nil,
    lifetime: Int = VerifierProgram.standardLifetime
  ) {
    self.name = name
    self.registry = registry
    self.verifications = verifications
    self.transport = transport
    self.calls = calls
    self.microcredits = microcredits
    self.lifetime = lifetime
  }
}

extension VerifierProgram {
  /// The programs that a request admits, of the model alone and of all models of its shape, for every transport with the
  /// division of groups among calls that costs least; the cheapest first.
  ///
  /// Storage is priced by the square of a call's bytes, so several small calls often cost less than a large one. Divisions
  /// into runs of equally many groups are compared, with exact prices. A registry's deployment and the model's
  /// registration are counted, a library's own deployment is not.
  /// - Throws: the limit that the cheapest division breaks where all break one.
  public func ways(_ request: VerificationRequest = VerificationRequest()) throws(AleoError) -> [(
    program: VerifierProgram, cost: CallCost
  )] {
    var found: [(program: VerifierProgram, cost: CallCost)] = []
    var failure: AleoError?
    let bases = try (request.registry.map { [$0] } ?? [true, false]).map {
      isRegistry throws(AleoError) in
      isRegistry ? try registry(named: request.name) : try named(request.name)
    }
    let transports = request.transport.map { [$0] } ?? [.library, .inline, .bytes]
    for (base, transport) in bases.flatMap({ base in transports.map { (base, $0) } }) {
      var program = base
      program.transport = transport
      program.lifetime = request.lifetime
      var best: (program: VerifierProgram, cost: CallCost)?
      let others = program.functionsBesideParts
      for run in 1...groups.count {
        let count = (groups.count + run - 1) / run
        guard count == 1 || count <= AleoLimits.functions - 2 - others else { continue }
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
      guard var best else { continue }
      if base.isRegistry, request.name == nil {
        best.program = best.program.namedByText
        best.cost.program = best.program.name
      }
      found.append(best)
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

  /// How many functions the program has beside those that verify parts, conclude and expire.
  private var functionsBesideParts: Int {
    isRegistry ? registrationFunctions.count : openings.count
  }
}
