import Console
import Coordinator
import Foundation
import Model
import ProofAggregation

extension CommandOption {
  /// What shapes a job's plan; the same for `submit` and `plan`.
  static let job: [CommandOption] =
    inputs + [
      value("calibration", "FILE", "more inputs to choose the quantisation from"),
      value("settings", "FILE", "the quantisation that calibrate wrote, instead of calibrating"),
      value("srs", "NAME", "public parameters at the coordinator (default: development)"),
      value("aggregate", "MODE", "batch: one proof; none: a proof per chunk (default: batch)"),
      value("workers", "N", "workers to cut the model for; without --to: to start (default: 2)"),
      value(
        "memory", "SIZE", "memory of each worker, such as 4G (default: what the workers offer)"),
      value("input-visibility", "WHO", "public, hashed or private (default: private)"),
      value("output-visibility", "WHO", "public, hashed or private (default: public)"),
      value(
        "param-visibility", "WHERE",
        "weights: fixed in the circuits; hashed or private behind commitments (default: fixed, or "
          + "hashed where a call on the target is then cheaper)"),
      value(
        "param-salt", "OF",
        "salts of private weights, of this job or of the model: then all of the coordinator's proofs "
          + "about it have the same commitments (default: job)"),
      value("activation-bits", "N", "fraction bits of activations (default: calibrated)"),
      value("weight-bits", "N", "fraction bits of weights (default: calibrated)"),
      value(
        "tolerance", "X",
        "refuse if an output differs from the float model's by more, absolute or relative above 1 "
          + "(default: 0.001; whole numbers and classes may never differ)"),
      flag("any-accuracy", "accept outputs however far they are from the float model's"),
      value("max-constraints", "N", "most constraints per chunk"),
      value("max-variables", "N", "most variables per chunk"),
      value("max-nonzeros", "N", "most nonzeros per matrix of a chunk"),
      flag("replan", "plan anew, whatever the coordinator kept of earlier plans of this model"),
    ] + target
}

extension CommandOption {
  /// What is said about a model's inputs beside their numbers; the same wherever a model is read with an input.
  static let inputs: [CommandOption] = [
    value(
      "shape", "NAME=DIMS", "shape of an input with open dimensions, such as x=1,3,224,224",
      repeated: true),
    value(
      "fix", "NAME=NUMBERS",
      "make an input part of the program, and PUBLIC, with these numbers, such as scale=0.5",
      repeated: true),
    value("sample", "N", "which of a file's samples to take, counted from 0"),
  ]
}

extension Arguments {
  /// What the command line says about inputs; nil if nothing.
  func inputChoices() throws -> InputChoices? {
    var choices = InputChoices()
    for (name, list) in try named("shape") {
      let shape = list.map { Int($0) }
      guard !shape.contains(nil), choices.shapes[name] == nil else {
        throw UsageError.invalidValue(
          name: "--shape", value: name, expected: "once NAME=1,3,224,224, whole numbers")
      }
      choices.shapes[name] = shape.compactMap { $0 }
    }
    for (name, list) in try named("fix") {
      let numbers = list.map { Double($0) }
      guard !numbers.contains(nil), choices.fixed[name] == nil else {
        throw UsageError.invalidValue(
          name: "--fix", value: name, expected: "once NAME=0.5,1, numbers")
      }
      for (text, number) in zip(list, numbers) {
        guard let integer = Int128(text), let number, Int128(exactly: number) != integer else {
          continue
        }
        throw UsageError.invalidValue(
          name: "--fix", value: name,
          expected: "numbers that a double holds; give \(text) in the input file")
      }
      choices.fixed[name] = numbers.compactMap { $0 }
    }
    choices.sample = try int("sample", in: 0...1 << 24)
    if let fault = choices.fault { throw CommandFailure(.badInput, fault) }
    return choices.isEmpty ? nil : choices
  }

  /// Names and lists of `NAME=A,B`; a name may hold a `=` itself.
  private func named(_ option: String) throws -> [(name: String, list: [String])] {
    try strings(option).map { text in
      guard let sign = text.lastIndex(of: "="), sign != text.startIndex else {
        throw UsageError.invalidValue(name: "--\(option)", value: text, expected: "NAME=A,B,C")
      }
      return (
        String(text[..<sign]),
        text[text.index(after: sign)...].split(separator: ",", omittingEmptySubsequences: false)
          .map { $0.trimmingCharacters(in: .whitespaces) }
      )
    }
  }

  /// The paths of the job's files as they were given, for errors.
  var jobFiles: [JobFile: String?] {
    [
      .model: positionals[0], .input: string("input") ?? string("data"),
      .calibration: string("calibration") ?? string("settings") ?? string("data"),
    ]
  }

  /// The file that the quantisation comes from: settings, or inputs to calibrate with.
  func quantizationFile() throws -> URL? {
    if string("settings") != nil, string("calibration") != nil {
      throw UsageError.invalidValue(
        name: "--calibration", value: string("calibration")!, expected: "nothing beside --settings")
    }
    for name in ["settings", "calibration"] {
      if let path = string(name) { return try existingFile(path, "--\(name)") }
    }
    return nil
  }

  /// The job's options as the coordinator takes them.
  ///
  /// - Parameter countsWorkers: whether `--workers` is one number.
  func submitOptions(defaultWorkers: Int?, countsWorkers: Bool = true) throws -> SubmitOptions {
    var options = SubmitOptions()
    options.inputs = try inputChoices()
    if let word = try visibility("input-visibility") { options.inputVisibility = word }
    if let word = try visibility("output-visibility") { options.outputVisibility = word }
    options.parameterVisibility = try parameterVisibility()
    let salts = SubmitOptions.ParameterSalt.allCases.map(\.rawValue)
    options.parameterSalt = try choice("param-salt", of: salts).flatMap {
      SubmitOptions.ParameterSalt(rawValue: $0)
    }
    if let salt = options.parameterSalt, salt == .model, options.parameterVisibility != .private {
      throw UsageError.invalidValue(
        name: "--param-salt", value: salt.rawValue, expected: "--param-visibility private beside it"
      )
    }
    let modes = SubmitOptions.Aggregation.allCases
    if let word = try choice("aggregate", of: modes.map(\.rawValue)) {
      options.aggregation = SubmitOptions.Aggregation(rawValue: word)!
    }
    options.workers =
      countsWorkers
      ? try int("workers", in: SubmitOptions.workerCounts) ?? defaultWorkers : defaultWorkers
    options.memory = try bytes("memory").map(UInt64.init)
    if let name = string("srs") { options.srs = name }
    options.activationBits = try int("activation-bits", in: SubmitOptions.bits)
    options.weightBits = try int("weight-bits", in: SubmitOptions.bits)
    options.tolerance = try positiveNumber("tolerance")
    options.anyAccuracy = has("any-accuracy") ? true : nil
    options.replan = has("replan") ? true : nil
    if has("any-accuracy"), let tolerance = string("tolerance") {
      throw UsageError.invalidValue(
        name: "--tolerance", value: tolerance, expected: "nothing beside --any-accuracy")
    }
    try chooseTarget(&options)
    let sizes = 1...(1 << 28)
    options.limits = SubmitOptions.Limits(
      constraints: try int("max-constraints", in: sizes),
      variables: try int("max-variables", in: sizes), nonzeros: try int("max-nonzeros", in: sizes))
    return options
  }

  /// How urgent a job is, for commands that submit one.
  func chooseTurn(_ options: inout SubmitOptions) throws {
    options.priority = try choice("priority", of: JobPriority.allCases.map(\.rawValue)).flatMap {
      JobPriority(rawValue: $0)
    }
    options.deadline = try duration("deadline").map { Double(max(1, $0)) }
    options.webhook = string("webhook")
    options.only = string("only")?.split(separator: ",").map(String.init)
    if isLocal, options.only != nil { throw UsageError.missingOption("--to HOST:PORT") }
  }

  /// Where weights go, if that was said.
  func parameterVisibility() throws -> SubmitOptions.ParameterVisibility? {
    let words = SubmitOptions.ParameterVisibility.allCases.map(\.rawValue)
    return try choice("param-visibility", of: words).flatMap {
      SubmitOptions.ParameterVisibility(rawValue: $0)
    }
  }

  private func visibility(_ name: String) throws -> SubmitOptions.Visibility? {
    let words = SubmitOptions.Visibility.allCases.map(\.rawValue)
    return try choice(name, of: words).flatMap { SubmitOptions.Visibility(rawValue: $0) }
  }

  /// A number above 0.
  func positiveNumber(_ name: String) throws -> Double? {
    guard let text = string(name) else { return nil }
    guard let value = Double(text), value.isFinite, value > 0 else {
      throw UsageError.invalidValue(
        name: "--\(name)", value: text, expected: "a positive number")
    }
    return value
  }
}
