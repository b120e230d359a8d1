import Aleo
import Foundation
import Model
import Varuna

/// A model quantised and cut, with its weights in the circuits or committed to.
struct PlannedModel {
  let run: QuantizedRun
  let plan: Plan
  /// Why weights are where they are; nil where the user said so.
  let reason: String?
}

/// Where the model's weights go.
extension VarunaEngine {
  /// Quantises and cuts as the options say; where they leave it open, weights are committed to if a call on the target
  /// then takes fewer proofs, or as many and costs less.
  func planned(
    _ request: JobRequest, for workforce: Workforce
  ) throws(CoordinatorError) -> PlannedModel {
    let calibration = try request.calibration.map { (digest) throws(CoordinatorError) in
      try read(digest)
    }
    func planned(
      _ visibility: TensorVisibility?, reason: String?
    ) throws(CoordinatorError) -> PlannedModel {
      let run = try QuantizedRun(
        model: try read(request.model), input: try read(request.input), calibration: calibration,
        options: request.options, committing: visibility != nil)
      let plan = try cut(run, request, for: workforce, parameters: visibility)
      return PlannedModel(run: run, plan: plan, reason: reason)
    }
    if let chosen = request.options.parameterVisibility {
      return try planned(chosen.committed, reason: nil)
    }
    let settings = try calibration.flatMap { (file) throws(CoordinatorError) in
      try QuantizedRun.settings(file)
    }
    if let settings {
      let isCommitted = settings.parameters != nil
      return try planned(
        isCommitted ? .hashed : nil,
        reason: isCommitted ? "the settings are for committed weights" : nil)
    }
    guard request.options.target != nil, request.options.aggregation == .batch else {
      return try planned(nil, reason: nil)
    }
    let fixed = Result { () throws(CoordinatorError) in try planned(nil, reason: nil) }
    if case .success(let model) = fixed, model.plan.groups.count == 1 { return model }
    guard let committed = try? planned(.hashed, reason: nil),
      let call = try? program(of: committed.plan, request).cost.totalMicrocredits
    else { return try fixed.get() }
    func with(_ reason: String) -> PlannedModel {
      PlannedModel(run: committed.run, plan: committed.plan, reason: reason)
    }
    guard let plan = try? fixed.get().plan, let other = try? program(of: plan, request).cost else {
      return with("with weights in the circuits no plan fits the target")
    }
    let (count, proofs) = (committed.plan.groups.count, plan.groups.count)
    guard (count, call) < (proofs, other.totalMicrocredits) else { return try fixed.get() }
    let saved =
      count < proofs
      ? "\(count) proof\(count == 1 ? "" : "s") instead of \(proofs)"
      : "\(call) microcredits a call instead of \(other.totalMicrocredits)"
    return with("\(saved): layers of one shape share a circuit")
  }

  /// The program that verifies a plan's proofs on the job's target.
  ///
  /// - Throws: where it breaks a limit of the target.
  func program(of plan: Plan, _ request: JobRequest) throws -> VerifierProgram {
    let program = try plan.verifierProgram(
      name: ProgramName.suggested(model: request.modelName, digest: request.model.hex),
      modelDigest: request.model.bytes)
    try program.check()
    return program
  }

  /// What salts of private weights follow from where they are the same for all jobs of a model; nil: the job's own seed.
  func parameterSeed(_ request: JobRequest) throws(CoordinatorError) -> ProverSeed? {
    guard request.options.parameterSalt == .model else { return nil }
    if !FileManager.default.fileExists(atPath: home.weightsSeed.path) {
      try HomeFolder.write(SystemRandom.bytes(32), to: home.weightsSeed)
    }
    guard let secret = try? Data(contentsOf: home.weightsSeed), secret.count == 32 else {
      throw .file(path: home.weightsSeed.path, reason: "is not a secret of 32 bytes")
    }
    return ProverSeed(SHA256.digest(Array(secret) + Array(request.model.hex.utf8)))
  }
}
