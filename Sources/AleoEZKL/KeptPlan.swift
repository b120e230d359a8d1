import Circuit
import Foundation
import Model

/// What of a planned run holds for other runs as well: settings, plan, and what a trial of the settings showed.
///
/// It holds the model's weights and, in the settings, the ranges of its values; nothing of any input, unless that is part of the program.
/// Nobody's trust rests on it: whoever verifies with the model makes the plan again.
package struct KeptPlan: Sendable {
  private static let magic = "ezkl-kept-run/1"

  /// How the model was quantised.
  package let settings: QuantizationSettings
  /// How it is cut.
  package let plan: Plan
  /// See ``PlannedRun/lostOutputs``.
  let lostOutputs: [String]
  /// See ``PlannedRun/reason``.
  let reason: String?

  /// What a run leaves for others.
  package init(_ run: PlannedRun) {
    (settings, plan) = (run.model.settings, run.plan)
    (lostOutputs, reason) = (run.lostOutputs, run.reason)
  }

  /// The bytes that give it again.
  package var bytes: [UInt8] {
    var writer = CanonicalWriter()
    writer.write(Self.magic)
    writer.write(String(decoding: settings.canonicalJSON, as: UTF8.self))
    writer.write(count: lostOutputs.count)
    for line in lostOutputs { writer.write(line) }
    writer.write(reason != nil)
    writer.write(reason ?? "")
    return writer.bytes + plan.bytes
  }

  /// Reads what was kept.
  ///
  /// - Throws: `malformed`, and what the initialisers of the parts throw.
  package init(bytes: [UInt8]) throws(CircuitError) {
    var reader = CanonicalReader(bytes)
    guard try reader.text("format") == Self.magic else { throw reader.malformed("format") }
    let text = Data(try reader.text("settings").utf8)
    guard let settings = try? JSONDecoder().decode(QuantizationSettings.self, from: text) else {
      throw reader.malformed("settings")
    }
    self.settings = settings
    var lines: [String] = []
    for _ in 0..<(try reader.count("lost outputs")) { lines.append(try reader.text("line")) }
    lostOutputs = lines
    let hasReason = try reader.flag("reason")
    let reason = try reader.text("reason")
    self.reason = hasReason ? reason : nil
    plan = try Plan(bytes: reader.rest)
  }

  /// Whether this is what a run with this request would come to, with weights where they are cheapest or where the request
  /// has them.
  package func answers(_ request: PlanRequest, choosingWeights: Bool) -> Bool {
    var request = request
    if choosingWeights { request.parameterVisibility = plan.request.parameterVisibility }
    return plan.request == request
  }
}

extension PlannedRun {
  /// A run under a plan that was kept: the model is read and evaluated, and nothing is searched.
  ///
  /// - Parameters:
  ///   - kept: what was kept of a run of the same model under the same settings or, where none were given, of the same files.
  ///   - files: the model, its input, and what the quantisation comes from.
  ///   - options: how far outputs may be from the float model's; the same as then.
  /// - Throws: `RunError.model` for what cannot be read or evaluated, and for a model that the settings do not fit; `inaccurate`.
  package init(
    _ kept: KeptPlan, _ files: ModelFiles, options: RunOptions
  ) throws(RunError) {
    let run = try QuantizedRun(files, options, kept.plan.request, settings: kept.settings)
    self.init(run, reference: files.reference, plan: kept.plan)
    (lostOutputs, reason) = (kept.lostOutputs, kept.reason)
  }
}
