/// What a member of the network may do, from least to most; a token enrols its bearer with one of these roles.
public enum TokenRole: String, Codable, Sendable, CaseIterable, Comparable {
  /// A machine that computes; it calls no methods.
  case worker
  /// Sees all jobs and workers, changes nothing, and gets no proofs.
  case viewer
  /// Submits jobs; sees, cancels and fetches its own only.
  case client
  /// Runs the network: all jobs, the workers, and tokens for roles below its own.
  case `operator`
  /// Everything.
  case admin

  /// By rights.
  public static func < (a: TokenRole, b: TokenRole) -> Bool { a.rank < b.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// Whether jobs of others are shown, or only its own.
  var seesEveryJob: Bool {
    switch self {
    case .viewer, .operator, .admin: true
    case .client, .worker: false
    }
  }

  /// Whether it may invite or bar a member of another role.
  func governs(_ other: TokenRole) -> Bool { self == .admin || (self == .operator && other < self) }
}

extension ClientMethod {
  /// The least role that may call it: the only place that says so. What a job's owner alone may see is decided by
  /// `Core.job(_:for:)`.
  var leastRole: TokenRole {
    switch self {
    case .jobs, .job, .jobPlan, .jobEvents, .jobTrace, .follow, .workers, .cluster: .viewer
    case .submit, .plan, .cancel, .document, .deleteJob, .webhookKey: .client
    case .revokeWorker, .drainWorker, .cordonWorker, .uncordonWorker, .forgetWorker: .operator
    case .tokens, .createToken, .revokeToken: .operator
    case .clients, .revokeClient, .audit, .operatorWebhookKey: .operator
    }
  }

  /// Whether a call goes into the audit log: whatever changes something, and whatever hands out a proof or a key.
  var isAudited: Bool {
    switch self {
    case .jobs, .job, .jobPlan, .jobEvents, .jobTrace, .follow, .workers, .cluster, .plan, .tokens,
      .clients, .audit:
      false
    case .submit, .cancel, .document, .deleteJob, .revokeWorker, .drainWorker, .cordonWorker,
      .uncordonWorker, .forgetWorker, .createToken, .revokeToken, .revokeClient, .webhookKey,
      .operatorWebhookKey:
      true
    }
  }

  /// Whether a call that goes into the audit log changes nothing.
  var isRead: Bool {
    switch self {
    case .document, .webhookKey, .operatorWebhookKey: true
    default: false
    }
  }
}
