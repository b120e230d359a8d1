import AleoEZKL
import Coordinator
import Foundation
import ProofAggregation
import TestSupport
import Testing

/// What a user does with the command line alone.
@Suite(.serialized) struct SubmitTests {
  private let folder: Folder
  private var home: String { folder["home"].path }

  init() throws {
    folder = try Folder()
    try Network.provideParameters(to: folder["home"])
  }

  private func run(
    _ words: [String], environment: [String: String] = [:]
  ) throws -> (status: Int32, output: String, errors: String) {
    let run = try Running(.coordinator, words, logs: folder.url, environment: environment)
    let status = try run.status()
    return (status, run.text, run.errorText)
  }

  /// A coordinator that ends with its command has nobody left to send messages.
  @Test func aLocalRunTakesNoWebhook() throws {
    let submitted = try run([
      "submit", Network.model.path, "--input", Network.input.path, "--home", home, "--webhook",
      "https://example.org/",
    ])
    #expect(submitted.status == 2 && submitted.errors.contains("--to"), "\(submitted.errors)")
  }

  @Test func workersThatEndAtOnceFailTheCommandWithTheirLastWords() throws {
    let stub = folder["stub"]
    try Data("#!/bin/sh\necho no room at all >&2\nexit 7\n".utf8).write(to: stub)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: stub.path)
    let submitted = try run(
      [
        "submit", Network.model.path, "--input", Network.input.path, "--out",
        folder["proof.json"].path, "--home", home, "--workers", "1",
      ], environment: ["EZKL_WORKER": stub.path])
    #expect(submitted.status == 1, "\(submitted.errors)")
    #expect(
      submitted.errors.contains("exit code 7")
        && submitted.errors.contains("no room at all"), "\(submitted.errors)")
  }

  @Test func aModelIsProvenOnTwoLocalWorkersAndVerified() throws {
    let proof = folder["proof.json"]
    let submitted = try run(
      [
        "submit", Network.model.path, "--input", Network.input.path, "--out", proof.path, "--home",
        home, "--workers", "2", "--json",
      ],
      // What is set for workers that join networks says nothing about local ones.
      environment: [
        "EZKL_JOIN_LOG": "/nowhere/log", "EZKL_JOIN_NAME": "other",
        "EZKL_WORKER_CONFIG": "/nowhere/file",
      ])
    try #require(submitted.status == 0, "\(submitted.errors)")
    let last = try #require(submitted.output.split(separator: "\n").last)
    let result = try #require(
      JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
    #expect(result["event"] as? String == "result" && result["accepted"] as? Bool == true)
    let workers = try #require(result["workers"] as? [[String: Any]])
    #expect(workers.count == 2)
    for worker in workers { #expect((worker["bytesSent"] as? Int ?? 0) > 100) }

    #expect(try run(["verify", proof.path]).status == 0)
    let bound = try run(["verify", proof.path, "--model", Network.model.path, "--home", home])
    #expect(bound.status == 0, "\(bound.output)\(bound.errors)")
    #expect(bound.output.contains("not sound"))
    let bounded = try run([
      "verify", proof.path, "--model", Network.model.path, "--home", home, "--json",
      "--max-memory", "1M",
    ])
    #expect(bounded.status == 6 && bounded.errors.contains("--max-memory"), "\(bounded.errors)")
    #expect(bounded.output.contains("\"accepted\" : false"), "\(bounded.output)")
    let other = packageRoot.appendingPathComponent("examples/digits_cnn.onnx")
    #expect(try run(["verify", proof.path, "--model", other.path, "--home", home]).status != 0)

    var text = try String(contentsOf: proof, encoding: .utf8)
    let start = try #require(text.range(of: "\"proof\"")).upperBound
    let digit = try #require(text[start...].range(of: "01")).upperBound
    let place = text.index(digit, offsetBy: 400)
    text.replaceSubrange(place...place, with: text[place] == "0" ? "1" : "0")
    try Data(text.utf8).write(to: proof)
    let flipped = try run(["verify", proof.path])
    #expect(flipped.status == 1)
    #expect(flipped.output.contains("FAIL") && flipped.output.contains("REJECTED"))
    try Data(text.utf8.prefix(100)).write(to: proof)
    #expect(try run(["verify", proof.path]).status == 3)
  }

  @Test func whatIsPublicAndWhatIsCloseIsSaid() throws {
    func file(_ name: String, _ bytes: Data) throws -> String {
      try bytes.write(to: folder[name])
      return folder[name].path
    }
    let fixed = packageRoot.appendingPathComponent(
      "Tests/ProofAggregationTests/Fixtures/fixed.onnx"
    ).path
    let given = try file(
      "fixed.json",
      Data(#"{"input_data": {"x": [[0.5, -1, 0.25, 2]], "shape": [2, 2]}}"#.utf8))
    let words = [fixed, "--input", given, "--home", home]
    let text = try run(["plan"] + words)
    #expect(text.output.contains("input 'shape' is part of the plan"), "\(text.errors)")
    #expect(text.output.contains("public: [2.0, 2.0]") && !text.output.contains("WARNING"))
    let report = try JSONDecoder().decode(
      PlanReport.self, from: Data(try run(["plan"] + words + ["--json"]).output.utf8))
    #expect(report.fixedInputs?.map(\.name) == ["shape"] && report.decisions?.nodes == 0)
    #expect(report.fixedInputs?[0].values == [2, 2] && report.fixedInputs?[0].count == 2)

    struct Case: Decodable {
      var name: String
      var model: Data
      var input_data: [[Double]]
    }
    let cases = try JSONDecoder().decode(
      [Case].self,
      from: Data(
        contentsOf: packageRoot.appendingPathComponent(
          "Tests/ModelTests/Fixtures/hard_numbers.json")))
    let tie = try #require(cases.first { $0.name == "tie" })
    let model = try file("tie.onnx", tie.model)
    let input = try file(
      "tie.json", try JSONEncoder().encode(["input_data": tie.input_data]))
    let warning = "ArgMax#0 decides element 0 by a margin of"
    #expect(
      try run(["plan", model, "--input", input, "--home", home]).output
        .contains("WARNING: \(warning)"))
    #expect(
      try run(["calibrate", model, "--data", input, "--out", folder["s.json"].path]).output
        .contains("WARNING: \(warning)"))
    let submitted = try run([
      "submit", model, "--input", input, "--home", home, "--out", folder["tie.proof"].path,
      "--json",
    ])
    try #require(submitted.status == 0, "\(submitted.errors)")
    let last = try #require(submitted.output.split(separator: "\n").last)
    let result = try #require(
      JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
    let warnings = try #require(result["warnings"] as? [String])
    #expect(warnings.contains { $0.hasPrefix(warning) }, "\(warnings)")
    #expect((result["decisions"] as? [String: Any])?["nodes"] as? Int == 1)
  }

  @Test func aPlanSaysWhatItIsMadeOf() throws {
    let model = packageRoot.appendingPathComponent("examples/digits_cnn.onnx").path
    let input = packageRoot.appendingPathComponent("examples/digits_cnn_input.json").path
    let words = ["plan", model, "--input", input, "--max-constraints", "8192", "--home", home]
    let text = try run(words + ["--explain"])
    #expect(text.status == 0, "\(text.errors)")
    for part in ["% of the limit", "(rescale)", "what crosses cuts", "predicted:"] {
      #expect(text.output.contains(part), "\(part) is not in \(text.output)")
    }
    let report = try JSONDecoder().decode(
      PlanReport.self, from: Data(try run(words + ["--json"]).output.utf8))
    #expect(report.chunks.count > 1)
    // Progress never stands among the JSON.
    let watched = try run(words + ["--json", "--progress"])
    let same = try JSONDecoder().decode(PlanReport.self, from: Data(watched.output.utf8))
    #expect(same.digest == report.digest)
    for step in ["planning", "choosing a precision", "cutting"] {
      #expect(watched.errors.contains(step), "\(watched.errors)")
    }
    for circuit in report.circuits {
      let parts = try #require(circuit.explanation).parts
      #expect(circuit.constraints <= 8192)
      // The constant row is nobody's.
      #expect(abs(parts.reduce(0) { $0 + $1.constraints } - circuit.constraints) <= 2)
    }
    let cuts = try #require(report.cuts)
    #expect(cuts.contains { $0.maker != nil && !$0.readers.isEmpty && $0.constraints > 500 })
    let refused = try run(words + ["--max-nonzeros", "512"])
    #expect(refused.status == 3 && refused.errors.contains("the smallest tile of '"))
    #expect(refused.errors.contains("--srs") && !refused.errors.contains("00000000"))
  }

  @Test func aLocalJobGetsATemporaryHomeWhereAnotherOneRuns() throws {
    let environment = ["XDG_STATE_HOME": folder["state"].path, "TMPDIR": folder["other"].path]
    try Network.provideParameters(to: folder["state"].appendingPathComponent("ezkl-coord"))
    for name in ["state", "other"] {
      try FileManager.default.createDirectory(
        at: folder[name], withIntermediateDirectories: true)
    }
    let first = try Running(
      .coordinator,
      [
        "serve", "--listen", "127.0.0.1:0", "--home",
        folder["state"].appendingPathComponent("ezkl-coord/local").path,
      ], logs: folder.url, environment: environment)
    try first.waitFor("listening on")
    let second = try Running(
      .coordinator,
      [
        "submit", Network.model.path, "--input", Network.input.path, "--workers", "1", "--out",
        folder["proof.json"].path,
      ], logs: folder.url, environment: environment)
    #expect(try second.status() == 0, "\(second.errorText)")
    #expect(second.errorText.contains("temporary home folder"), "\(second.errorText)")
    #expect(try run(["verify", folder["proof.json"].path]).status == 0)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder["other"].path)
    #expect(left.isEmpty, "\(left)")
  }

  @Test func parametersOfTheDefaultHomeAreFoundByLocalCommands() throws {
    let environment = ["XDG_STATE_HOME": folder["state"].path]
    func run(_ words: [String]) throws -> Running {
      let run = try Running(.coordinator, words, logs: folder.url, environment: environment)
      _ = try run.status()
      return run
    }
    let plan = ["plan", Network.model.path, "--input", Network.input.path, "--srs", "mine"]
    let unknown = try run(plan)
    #expect(try unknown.status() == 3 && unknown.errorText.contains("srs generate"))
    #expect(try run(["srs", "generate", "--degree", "14", "--name", "mine"]).status() == 0)
    let known = try run(plan)
    #expect(try known.status() == 0 && known.text.contains("predicted: "), "\(known.errorText)")
  }

  @Test func everyChunkCanHaveAProofOfItsOwn() throws {
    let proof = folder["proof.json"]
    let model = packageRoot.appendingPathComponent("examples/digits_cnn.onnx")
    let submitted = try run([
      "submit", model.path, "--input",
      packageRoot.appendingPathComponent("examples/digits_cnn_input.json").path, "--out",
      proof.path, "--home", home, "--workers", "3", "--max-constraints", "8192", "--aggregate",
      "none", "--input-visibility", "hashed", "--output-visibility", "private",
    ])
    try #require(submitted.status == 0, "\(submitted.errors)")
    #expect(submitted.output.contains("not public"))
    let document = try ProofDocument(json: Data(contentsOf: proof))
    #expect(document.groups.count > 1 && !document.links.isEmpty)
    #expect(document.groups.allSatisfy { $0.verifyingKeys.count == 1 })
    let verified = try run(["verify", proof.path, "--model", model.path, "--home", home])
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
  }

  @Test func anUnusableFileIsNamedAtSubmission() throws {
    let junk = folder["junk"].path
    try Data("junk".utf8).write(to: folder["junk"])
    let (model, input) = (Network.model.path, Network.input.path)
    for words in [
      ["submit", junk, "--input", input], ["submit", model, "--input", junk],
      ["submit", model, "--input", input, "--calibration", junk],
      ["plan", junk, "--input", input], ["plan", junk],
    ] {
      let refused = try run(words + ["--home", home])
      #expect(
        refused.status == 3 && refused.errors.contains("ezkl-coord: \(junk): "), "\(refused.errors)"
      )
    }
    let calibrated = try run(["calibrate", model, "--data", junk])
    #expect(calibrated.status == 3 && calibrated.errors.contains(junk), "\(calibrated.errors)")
  }

  @Test func aPlanWithoutAnInputIsAFirstImpression() throws {
    let plan = try run(["plan", Network.model.path, "--home", home])
    #expect(plan.status == 0 && plan.output.contains("MADE-UP"), "\(plan.errors)")
    #expect(plan.errors.contains("WARNING: no --input was given"))
    let json = try run(["plan", Network.model.path, "--home", home, "--json"])
    let report = try JSONDecoder().decode(PlanReport.self, from: Data(json.output.utf8))
    #expect(report.inputIsSynthetic == true && !report.chunks.isEmpty)
    #expect(plan.output.contains(report.digest.prefix(16)), "the same plan every time")
    let real = try run([
      "plan", Network.model.path, "--input", Network.input.path, "--home", home, "--json",
    ])
    let other = try JSONDecoder().decode(PlanReport.self, from: Data(real.output.utf8))
    #expect(other.inputIsSynthetic == nil)
  }

  /// No server, no database, no keys: a plan is made where it is asked for.
  @Test func aPlanLeavesNothingInTheHomeFolder() throws {
    let fresh = folder["fresh"]
    let plan = try run([
      "plan", Network.model.path, "--input", Network.input.path, "--home", fresh.path,
    ])
    #expect(plan.status == 0, "\(plan.errors)")
    #expect(!FileManager.default.fileExists(atPath: fresh.path))
  }

  @Test func anInterruptCancelsAndLeavesNothingBehind() throws {
    let proof = folder["proof.json"]
    let submit = try Running(
      .coordinator,
      [
        "submit", Network.model.path, "--input", Network.input.path, "--out", proof.path, "--home",
        home,
      ], logs: folder.url)
    try submit.waitFor("planning")
    submit.signal(SIGINT)
    #expect(try submit.status() == 130)
    #expect(!FileManager.default.fileExists(atPath: proof.path))
  }

  /// A file made from the example by a change.
  enum Damage: String, CaseIterable, Sendable {
    case truncatedModel, emptyModel, unknownOperator, wrongShape, notANumber, notJSON, missingInput

    func files(in folder: Folder) throws -> (model: URL, input: URL) {
      var model = try Data(contentsOf: Network.model)
      var input = try Data(contentsOf: Network.input)
      switch self {
      case .truncatedModel: model = model.prefix(model.count / 2)
      case .emptyModel: model = Data()
      case .unknownOperator:
        let name = try #require(model.range(of: Data("Relu".utf8)))
        model.replaceSubrange(name, with: Data("Rexu".utf8))
      case .wrongShape: input = Data("{\"input_data\": [[1, 2, 3]]}".utf8)
      case .notANumber: input = Data("{\"input_data\": [[NaN]]}".utf8)
      case .notJSON: input = Data("input".utf8)
      case .missingInput: input = Data("{}".utf8)
      }
      try model.write(to: folder["model.onnx"])
      try input.write(to: folder["input.json"])
      return (folder["model.onnx"], folder["input.json"])
    }
  }

  @Test(arguments: Damage.allCases) func badInputIsOneLineAndExitCodeThree(_ damage: Damage) throws
  {
    let files = try damage.files(in: folder)
    let plan = try run(["plan", files.model.path, "--input", files.input.path, "--home", home])
    #expect(plan.status == 3, "\(plan.errors)")
    #expect(plan.output.isEmpty)
    let lines = plan.errors.split(separator: "\n").filter { $0.hasPrefix("ezkl-coord: ") }
    #expect(lines.count == 1, "\(plan.errors)")
    if damage == .unknownOperator { #expect(plan.errors.contains("Rexu")) }
  }

  @Test(
    arguments: [
      (["submit"], 2), (["submit", "m.onnx"], 2),
      (["plan", Network.model.path, "--activation-bits", "25"], 2),
      (["plan", Network.model.path, "--weight-bits", "1"], 2),
      (["plan", "/nowhere", "--input", "/nowhere"], 3),
      (
        [
          "plan", Network.model.path, "--input", Network.input.path, "--activation-bits", "2",
          "--weight-bits", "2",
        ], 3
      ),
      (
        [
          "plan", Network.model.path, "--input", Network.input.path, "--activation-bits", "2",
          "--weight-bits", "2", "--any-accuracy",
        ], 0
      ),
      (["plan", Network.model.path, "--tolerance", "1", "--any-accuracy"], 2),
      (["submit", Network.model.path, "--input", Network.input.path, "--out", "/nowhere/p"], 3),
      (["serve", "--listen", "192.0.2.1:1"], 3),
      (["verify", "/nowhere"], 3), (["jobs", "--to", "127.0.0.1:1"], 4),
      (["serve", "--listen", "x"], 2),
      (["jobs", "--to", "nonsense"], 2), (["nonsense"], 2), (["--help"], 0),
      (["submit", "--help"], 0),
    ] as [([String], Int32)])
  func exitCodesAreTheDocumentedOnes(_ words: [String], _ status: Int32) throws {
    let own = ["jobs", "plan", "serve"].contains(words[0]) ? ["--home", home] : []
    let result = try run(words + own)
    #expect(result.status == status, "\(result.errors)")
  }
}
