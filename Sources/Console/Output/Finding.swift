/// What an examination of the machine found in one respect.
package struct Finding: Encodable, Sendable {
  /// What was looked at.
  package let check: String
  /// Whether it is as it should be.
  package let ok: Bool
  /// What is there, and if it is not well, what to do.
  package let detail: String

  /// A finding.
  package init(_ check: String, ok: Bool = true, _ detail: String) {
    (self.check, self.ok, self.detail) = (check, ok, detail)
  }

  /// Writes findings to standard output, a line each.
  package static func write(_ findings: [Finding], asJSON: Bool) throws {
    if asJSON { return TextStream.standardOutput.write(try JSONOutput.text(findings)) }
    for finding in findings {
      TextStream.standardOutput.write(
        "\(finding.ok ? "ok  " : "FAIL")  \(finding.check): \(Human.oneLine(finding.detail))\n")
    }
  }
}
