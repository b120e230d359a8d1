import Aleo
import AleoEZKL
import Console

extension CommandOption {
  /// What a program for the chain is to be like.
  static let onChainWay: [CommandOption] = [
    value(
      "calls", "N", "verifications that a deployment is for: the cheapest way is chosen (1,000)"),
    flag(
      "registry",
      "a program for all models of the shape, in which this one is registered (default: if cheapest)"
    ),
    flag("own", "a program of this model alone (default: if cheapest)"),
    value(
      "transport", "WAY", "how proofs travel: bytes, inline or library (default: as is cheapest)"),
  ]

  /// The same, and what single calls may take.
  static let onChainCalls: [CommandOption] =
    onChainWay + [
      value(
        "max-calls", "N", "the most calls of one verification (default: as many as are cheapest)"),
      value(
        "max-microcredits", "N", "the most microcredits of one call (default: what Aleo admits)"),
      value("lifetime", "BLOCKS", "blocks in which all calls of a verification are made (28,800)"),
      value(
        "nonce", "FIELD", "tells claims of one caller about the same answer apart (default: 0)"),
    ]
}

extension Arguments {
  /// Reads what the program is to be like.
  func verificationRequest() throws -> VerificationRequest {
    var request = VerificationRequest()
    if let count = try int("calls", in: 1...1_000_000_000) { request.verifications = count }
    if has("registry"), has("own") {
      throw UsageError.invalidValue(
        name: "--own", value: "true", expected: "nothing beside --registry")
    }
    if has("registry") || has("own") { request.registry = has("registry") }
    let ways = ProofTransport.allCases.map(\.rawValue)
    request.transport = try choice("transport", of: ways).flatMap(ProofTransport.init)
    request.calls = try int("max-calls", in: 1...AleoLimits.functions)
    request.microcredits = try int("max-microcredits", in: 1...AleoLimits.spendMicrocredits)
    if let blocks = try int("lifetime", in: 1...1_000_000_000) { request.lifetime = blocks }
    return request
  }
}

extension PlanReport.OnChain {
  /// The same with the way that is cheapest for what a user asks.
  func chosen(by request: VerificationRequest) -> Self {
    var chosen = self
    let admitted = ways.filter { way in
      (request.transport.map { $0 == way.transport } ?? true)
        && (request.registry.map { $0 == (way.registration != nil) } ?? true)
    }
    if !admitted.isEmpty { chosen.ways = admitted }
    chosen.ways.sort {
      $0.total(verifications: request.verifications)
        < $1.total(verifications: request.verifications)
    }
    chosen.cost = chosen.ways[0]
    chosen.program = chosen.cost.program
    return chosen
  }

  /// Prices of every group and of a call, each beside its limit.
  func text(verifications: Int) -> String {
    var text = "on \(target.rawValue) as \(program):\n"
    var table = Table([
      .number("group"), .number("circuits"), .number("instances each"), .number("public inputs"),
      .number("proof bytes"), .number("microcredits"),
    ])
    for (number, group) in cost.groups.enumerated() {
      table.add(
        [
          number, group.circuits, group.instances, group.publicInputs, group.proofBytes,
          group.instructionMicrocredits,
        ].map(Human.grouped))
    }
    text += table.rendered()
    return text + cost.text + ways.text(verifications: verifications) + "\n"
  }
}

extension CallCost {
  /// What a verification and the deployment cost, and every number that Aleo limits.
  var text: String {
    var text = "a verification costs \(Human.grouped(totalMicrocredits)) microcredits"
    text += calls.count == 1 ? ": " : " in \(calls.count) calls: "
    text += "storage \(Human.grouped(storageMicrocredits)), "
    text += "finalize \(Human.grouped(finalizeMicrocredits)), of which verifying "
    text += "\(Human.grouped(instructionMicrocredits))\n"
    text += "deploying costs \(Human.grouped(deployment.total)) microcredits"
    text += registration == nil ? "\n" : ", once for all models of the shape\n"
    if let registration {
      text += "registering the model costs \(Human.grouped(registration.totalMicrocredits)) "
      text += "microcredits"
      text += registration.keys > 1 ? " in \(registration.keys + 1) calls\n" : "\n"
    }
    for library in libraries {
      text += "\(library.program) has to be there: \(Human.grouped(library.totalMicrocredits)) "
      text += "microcredits, once for everybody\n"
    }
    var table = Table([
      .text("call"), .number("microcredits"), .number("bytes"), .number("caller's constraints"),
      .number("about"),
    ])
    for call in (registration?.calls ?? []) + calls {
      table.add(
        [call.function]
          + [call.totalMicrocredits, call.transactionBytes, call.constraints].map(Human.grouped)
          + [Human.duration(call.provingSeconds)])
    }
    text += table.rendered()
    table = Table([.text("limited by Aleo"), .number("here"), .number("limit")])
    for measure in limits {
      table.add([measure.name, Human.grouped(measure.value), Human.grouped(measure.limit)])
    }
    return text + table.rendered()
  }
}

extension [CallCost] {
  /// The ways that proofs can travel beside each other.
  func text(verifications: Int) -> String {
    guard count > 1 else { return "" }
    var table = Table([
      .text("program"), .text("proofs travel"), .number("calls"), .number("to deploy"),
      .number("to register"), .number("per verification"),
      .number("\(Human.grouped(verifications)) in all"), .number("caller's constraints"),
      .number("about"),
    ])
    for way in self {
      table.add(
        [
          way.registration == nil ? "of its own" : "registry", way.transport.text,
          String(way.calls.count), Human.grouped(way.deployment.total),
          way.registration.map { Human.grouped($0.totalMicrocredits) } ?? "-",
          Human.grouped(way.totalMicrocredits),
          Human.grouped(way.total(verifications: verifications)),
          Human.grouped(way.calls.reduce(0) { $0 + $1.constraints }),
          Human.duration(way.calls.reduce(0) { $0 + $1.provingSeconds }),
        ])
    }
    return table.rendered()
  }
}

extension ProofTransport {
  fileprivate var text: String {
    switch self {
    case .bytes: "as bytes"
    case .inline: "packed, unpacked by the program"
    case .library: "packed, unpacked by a library"
    }
  }
}
