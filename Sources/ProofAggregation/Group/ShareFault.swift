import Varuna

/// A reply that is wrong by its form; names the share whose holder sent it.
public struct ShareFault: Error, Equatable, Sendable {
  /// What is wrong with a reply.
  public enum Reason: Equatable, Sendable {
    /// The group has no such share.
    case unknownShare
    /// The reply answers no request that the share has.
    case unexpectedStep(asked: UInt8, expected: ShareStep?)
    /// Bytes that do not decode.
    case malformed(VarunaError)
    /// A replayed step that differs from the recorded reply.
    case differsFromRecord(ShareStep)
  }

  /// The share.
  public let share: ShareID
  /// What is wrong.
  public let reason: Reason

  /// A fault of a share's holder.
  public init(share: ShareID, reason: Reason) {
    self.share = share
    self.reason = reason
  }
}

extension ShareFault: CustomStringConvertible {
  /// One line for a person; no values.
  public var description: String {
    switch reason {
    case .unknownShare: "there is no share \(share)"
    case .unexpectedStep(let asked, let expected):
      "\(share) answered step \(asked), "
        + (expected.map { "expected step \($0.rawValue)" } ?? "which it was not asked for")
    case .malformed(let error): "\(share): \(error)"
    case .differsFromRecord(let step):
      "\(share): the replayed step \(step.rawValue) differs from the recorded reply"
    }
  }
}

/// What a share is asked for.
public struct ShareRequest: Equatable, Sendable {
  /// The share.
  public let share: ShareID
  /// The number of the step.
  public let step: UInt8
  /// The encoded request.
  public let payload: [UInt8]
}
