import Foundation
import Wire
import Worker

/// Decides who may stay after the handshake: the first message, the key and the token.
struct Admission: Sendable {
  let store: Store
  /// Gets what has to be written down: enrolments and refusals.
  let audit: @Sendable (AuditEntry) -> Void
  let heartbeatSeconds: Int
  let leaseSeconds: Int

  /// Bytes for tasks beyond which no claim is believed.
  private static let mostMemory: UInt64 = 4 << 40

  /// Why a peer is turned away.
  struct Refusal: Error {
    let code: RefusalCode
    let text: String
  }

  /// The id of a key in lists and logs.
  static func id(of key: PublicKey) -> String { String(key.fingerprint.hex.prefix(16)) }

  /// Lets a key in that introduced itself, or says why not.
  ///
  /// `obstacle` objects first: a second machine with the same key must not even rename the first one.
  func decide(
    _ hello: Hello, key: PublicKey, from address: String, at now: Double,
    obstacle: (MemberRecord) -> Refusal?
  ) -> Result<MemberRecord, Refusal> {
    let applicant = applicant(hello, key, now)
    // Both before a token is used up.
    let verdict =
      (unfitness(of: applicant) ?? obstacle(applicant)).map { .failure($0) }
      ?? decide(applicant, hello, at: now)
    switch verdict {
    case .success(let member):
      if member.enrolled == now {
        record(member, from: address, about: "token \(member.token ?? "")", "done", now)
      }
    case .failure(let refusal):
      record(applicant, from: address, about: "", "\(refusal.code)", now)
    }
    return verdict
  }

  /// What an admitted peer is told.
  func welcome(_ member: MemberRecord) -> Message {
    .welcome(
      Welcome(
        productVersion: Product.version, workerID: member.id,
        heartbeatSeconds: UInt32(clamping: heartbeatSeconds),
        leaseSeconds: UInt32(clamping: leaseSeconds)))
  }

  private func record(
    _ member: MemberRecord, from address: String, about subject: String, _ outcome: String,
    _ now: Double
  ) {
    audit(
      AuditEntry(
        time: now, member: member.id, name: member.name, role: member.role.rawValue,
        address: address, action: "join", subject: subject, outcome: outcome))
  }

  private func decide(
    _ applicant: MemberRecord, _ hello: Hello, at now: Double
  ) -> Result<MemberRecord, Refusal> {
    do throws(CoordinatorError) {
      return try store.admit(applicant, tokenHash: hello.token?.hash.bytes, at: now).mapError {
        Self.explain($0)
      }
    } catch {
      return .failure(Refusal(code: .unavailable, text: "the coordinator's database failed"))
    }
  }

  /// Why a worker would be of no use; nil where it may be.
  private func unfitness(of applicant: MemberRecord) -> Refusal? {
    guard applicant.role == .worker, applicant.memoryBytes < WorkerConfiguration.leastMemory
    else { return nil }
    return Refusal(
      code: .unfit,
      text: "this worker has \(applicant.memoryBytes >> 20) MiB of memory for tasks; "
        + "\(WorkerConfiguration.leastMemory >> 20) MiB are the least; start it with a larger --memory"
    )
  }

  private func applicant(_ hello: Hello, _ key: PublicKey, _ now: Double) -> MemberRecord {
    MemberRecord(
      id: Self.id(of: key), key: key.bytes, role: hello.role == .worker ? .worker : .client,
      name: Self.printable(hello.name), threads: min(max(hello.threads, 1), 4096),
      memoryBytes: min(hello.memoryBytes, Self.mostMemory), enrolled: now, lastSeen: now)
  }

  private static func explain(_ refusal: AdmissionRefusal) -> Refusal {
    switch refusal {
    case .revokedKey:
      Refusal(code: .revoked, text: "this key was revoked; ask for a token and use a fresh --home")
    case .needsToken:
      Refusal(
        code: .unknownKey,
        text: "this key is not enrolled here and no token was given; "
          + "ask the operator for one (ezkl-coord token create)")
    case .unknownToken:
      Refusal(
        code: .invalidToken, text: "this token is not known here; ask the operator for a new one")
    case .revokedToken:
      Refusal(code: .invalidToken, text: "this token was revoked; ask the operator for a new one")
    case .usedToken:
      Refusal(
        code: .invalidToken,
        text: "this token has enrolled as many keys as it may; ask the operator for a new one")
    case .expiredToken:
      Refusal(code: .expiredToken, text: "this token has expired; ask the operator for a new one")
    case .wrongRole(let expected):
      Refusal(code: .wrongRole, text: "this key or token is for a \(expected.rawValue)")
    }
  }

  /// A name that can be shown anywhere: at most `limit` scalars, of which a character may have any number, and none that drives
  /// a terminal, breaks a line, or shows text in another order than it has (categories Cc, Cf, Zl, Zp and Cs).
  static func printable(_ name: String, limit: Int = 64) -> String {
    let kept = name.unicodeScalars.lazy.filter { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
      default: true
      }
    }
    let text = String(String.UnicodeScalarView(kept.prefix(limit)))
    return text.isEmpty ? "unnamed" : text
  }
}
