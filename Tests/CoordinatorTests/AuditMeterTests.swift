import Coordinator
import Testing

/// Nobody pushes others' lines out of the audit log.
@Suite struct AuditMeterTests {
  private final class Log {
    var meter = AuditMeter()
  }
  private let log = Log()

  private func entry(_ action: String, _ subject: String) -> AuditEntry {
    AuditEntry(
      time: 7, member: "m", name: "n", role: "client", address: "a", action: action,
      subject: subject, outcome: "done")
  }

  private func take(
    _ subject: String, _ kind: AuditMeter.Kind, of account: String = "x",
    isOperators: Bool = false, at now: Double = 0
  ) -> AuditEntry? {
    log.meter.take(
      entry("document", subject), of: account, kind, isOperators: isOperators, at: now)
  }

  @Test func readsOfOneThingAreOneLineAndACount() {
    #expect(take("job", .read)?.subject == "job")
    for _ in 0..<5000 { #expect(take("job", .read) == nil) }
    #expect(take("other", .read) != nil)
    let none = log.meter.sweep(at: 60)
    #expect(none.isEmpty)
    let lines = log.meter.sweep(at: 3600)
    #expect(lines.map(\.subject) == ["job (the last of 5000 more times since the line before)"])
    // From now on they are written again.
    #expect(take("job", .read, at: 3601) != nil)
  }

  @Test func oneAccountHasItsShareOfTheLog() {
    let written = (0..<5000).count {
      take("job \($0)", $0.isMultiple(of: 2) ? .read : .change) != nil
    }
    #expect(written == 1000)
    #expect(take("mine", .change, of: "y")?.subject == "mine")
    #expect(
      take("later", .change, at: 5)?.subject
        == "later (and 4000 of this account before, not written down)")
    #expect((0..<2000).allSatisfy { take("z \($0)", .change, of: "z", isOperators: true) != nil })
  }

  @Test func refusalsHaveTheirShare() {
    let written = (0..<500).count { take("r \($0)", .refusal, of: "a \($0)") != nil }
    #expect(written == 100)
    #expect(take("r", .refusal, at: 5)?.subject == "r (and 400 refusals before, not written down)")
  }
}
