import Aleo
import Algebra
import Console
import Foundation
import ProofAggregation

/// `export aleo`: a proof document as a program that verifies it on chain, and the calls that bring the proofs.
let exportAleoCommand = Command(
  "export aleo", "Writes an Aleo program that verifies a document's proofs on chain.",
  positionals: [Positional("PROOF", "the document; none with --library", optional: true)],
  options: [
    .value("out", "DIR", "folder for the program, its calls and summary.json", required: true),
    .value(
      "program", "NAME.aleo",
      "the program's name (default: from the model's name and digest, or from a registry's text)"),
    .value("model", "FILE", "the ONNX file: the whole document is verified against it first"),
    .flag("unchecked", "export without the model: NOBODY HAS COMPARED keys and links with it"),
    .value("leo", "DIR", "write a Leo package with an application that relies on outcomes, too"),
    .flag(
      "library", "write the programs that unpack proofs, deployed once for everybody, and no more"),
  ] + CommandOption.onChainCalls + CommandOption.modelPins + VerificationLimits.options
    + [.home, .json],
  notes: [
    "Keys and links are the document's, for good, so they are compared with the model before: give --model. The summary "
      + "records what was checked; --unchecked is recorded too.",
    "A program can never be changed. Its function 'verify' takes the commitments (and public outputs), and the proofs; "
      + "verify.json has them.",
    "A model's own program (--own) holds the verifying keys, and 'commit_input' computes the commitment to an input. A "
      + "registry (--registry) serves all models of a shape: register.json enters this one under a name that is the hash of "
      + "its keys and digests, and whoever relies on an outcome compares its 'model' with the name printed here.",
    "Where several calls cost less than one, or one cannot take all proofs, they are verify_0.json, ... in any order, and "
      + "conclude.json after them.",
    "Programs that the program imports are written beside it. Deploy them first if the network has not got them.",
    "Make the proof with 'submit --target aleo-mainnet', which forms groups that fit, under Aleo's ceremony (--srs).",
  ],
  examples: [
    ("export aleo proof.json --model model.onnx --out onchain", "the package of a proof"),
    (
      "export aleo proof.json --model model.onnx --out onchain --program my_model.aleo",
      "under a name of your own"
    ),
    (
      "export aleo proof.json --model model.onnx --out onchain --max-calls 1",
      "all proofs in one call, whatever that costs"
    ),
    (
      "export aleo proof.json --model model.onnx --out onchain --registry",
      "no program of its own: the model is registered"
    ),
    (
      "export aleo proof.json --model model.onnx --out onchain --leo pool",
      "and an application in Leo to start from"
    ),
    ("export aleo --library --out libraries", "the programs that unpack proofs"),
  ],
  exitCodes: [.failed, .badInput, .resource, .otherQuestion]
) { arguments in
  try reporting {
    if arguments.has("library") { return try exportLibraries(arguments) }
    guard let path = arguments.positional(0) else { throw UsageError.missingArgument("PROOF") }
    try arguments.checkQuestion()
    guard (arguments.string("model") == nil) == arguments.has("unchecked") else {
      throw UsageError.missingOption("--model FILE, or --unchecked")
    }
    let file = try existingFile(path, "proof")
    let watch = try VerificationLimits(arguments).watch(file.path, json: arguments.has("json"))
    let document = try ProofDocument(json: Data(try readBytes(file)))
    guard document.kind == .model else {
      throw CommandFailure(
        .otherQuestion, "the document is about no model, so there is nothing to record on chain")
    }
    let verdict = try arguments.verdict(on: document)
    watch.end()
    if let failed = verdict.checks.first(where: { !$0.passed }) {
      throw CommandFailure(
        .failed, "the document does not verify: \(failed.name): \(failed.detail)")
    }
    let request = try arguments.exportRequest()
    let package = try document.onChain(request: request, nonce: try arguments.nonce())
    let summary = ExportSummary(
      document, package, verdict, isChecked: arguments.string("model") != nil)
    var files = [("main.aleo", package.program.text)]
    files += package.program.libraries.map { ($0.name, $0.text) }
    files += try package.namedRegistration.map { ($0.name + ".json", try JSONOutput.text($0.call)) }
    files += try package.calls.map { ("\($0.function).json", try JSONOutput.text($0)) }
    files.append(("summary.json", try JSONOutput.text(summary)))
    let leo = try arguments.string("leo").map { path in
      (path, try document.leoPackage(on: package.program).files)
    }
    let folder = try write(files, to: arguments.string("out")!)
    if let (path, files) = leo { _ = try write(files, to: path) }
    if arguments.has("json") {
      try printJSON(summary)
    } else {
      let ways = package.ways.text(verifications: request.verifications)
      let names = files.map(\.0).joined(separator: ", ")
      printText(summary.text + ways + "written to \(folder.path): \(names)\n")
      if let (path, files) = leo {
        printText("written to \(path): \(files.map(\.path).joined(separator: ", "))\n")
      }
    }
    return .success
  }
}

/// Writes files into a folder that is made where it is missing.
private func write(_ files: [(String, String)], to path: String) throws -> URL {
  let folder = URL(fileURLWithPath: path)
  do {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  } catch {
    throw CommandFailure(.badInput, "the folder '\(folder.path)' cannot be made")
  }
  for (name, text) in files {
    let file = folder.appendingPathComponent(name)
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    } catch {
      throw CommandFailure(.badInput, "the folder of '\(file.path)' cannot be made")
    }
    try writeAtomically(Data(text.utf8), to: file.path)
  }
  return folder
}

/// `export aleo --library`: the programs that unpack proofs.
private func exportLibraries(_ arguments: Arguments) throws -> ExitCode {
  guard arguments.positionals.isEmpty else {
    throw UsageError.unexpectedArgument(arguments.positionals[0])
  }
  let libraries = UnpackLibrary.all
  let folder = try write(libraries.map { ($0.name, $0.text) }, to: arguments.string("out")!)
  let costs = libraries.map(\.cost)
  if arguments.has("json") {
    try printJSON(costs)
  } else {
    var table = Table([.text("program"), .number("microcredits to deploy")])
    for cost in costs { table.add([cost.program, Human.grouped(cost.totalMicrocredits)]) }
    printText(table.rendered() + "written to \(folder.path)\n")
  }
  return .success
}

extension OnChainPackage {
  /// The calls that enter the model, each with a name of its own.
  fileprivate var namedRegistration: [(name: String, call: VerifierCall)] {
    registration.enumerated().map { number, call in
      (
        call.function == VerifierProgram.register ? call.function : "\(call.function)_\(number)",
        call
      )
    }
  }
}

extension Arguments {
  /// What the program is to be like, and its name.
  fileprivate func exportRequest() throws -> VerificationRequest {
    var request = try verificationRequest()
    request.name = string("program")
    return request
  }

  /// The nonce of a claim.
  fileprivate func nonce() throws -> Fr {
    guard let text = string("nonce") else { return .zero }
    guard let nonce = Fr(decimal: text) else {
      throw UsageError.invalidValue(
        name: "--nonce", value: text, expected: "a field element in decimal")
    }
    return nonce
  }
}

/// What `summary.json` says of a package.
private struct ExportSummary: Encodable {
  /// How to compute the commitment to an input with the program.
  struct Opening: Encodable {
    let input: String
    /// The function; nil where the input is too large for one, and in a registry.
    let function: String?
    /// Elements in the arrays that the function takes, one array after the other.
    let arrays: [Int]
    /// An element is its value minus this, as an unsigned number of `bitWidth` bits.
    let offset: Int64
    let bitWidth: Int
    /// Whether a salt follows the arrays.
    let salted: Bool
    let scale: Double
  }

  let program: String
  /// The functions to call, in an order in which they can be called.
  let functions: [String]
  /// The names of the calls that enter the model; none in a program of its own.
  let registration: [String]
  /// The name under which the model is registered, as outcomes record it; nil in a program of its own.
  let registeredAs: String?
  let mapping = VerifierProgram.mapping
  /// The key in it under which this document's outcome is recorded.
  let outcome: String
  let model: ProofDocument.ModelReference?
  /// Digest of the quantisation settings; the outcome records it.
  let settings: String?
  /// Whether keys, links and names were compared with the model when the program was exported.
  let checkedAgainstModel: Bool
  /// What the verdict about the document rested on, and what it says.
  let choices: [DocumentVerdict.Choice]
  let established: [String]
  let notEstablished: [String]
  let varunaVersion: Int
  let links: Int
  let values: Int
  let openings: [Opening]
  /// What the recorded `parameters` must be for this document's weights; empty where weights are in the keys.
  let parameters: [String]
  let cost: CallCost
  /// What every way that proofs can travel costs, this one first.
  let ways: [CallCost]
  let warnings: [String]

  init(
    _ document: ProofDocument, _ package: OnChainPackage, _ verdict: DocumentVerdict,
    isChecked: Bool
  ) {
    let program = package.program
    functions = package.calls.map(\.function)
    registration = package.namedRegistration.map(\.name)
    registeredAs = program.isRegistry ? "\(program.registeredName.decimal)field" : nil
    outcome = "\(package.outcome.decimal)field"
    cost = package.cost
    ways = package.ways
    settings = verdict.settings?.hex
    checkedAgainstModel = isChecked
    choices = verdict.choices
    established = verdict.established
    notEstablished = verdict.notEstablished
    self.program = program.name
    model = document.model
    varunaVersion = document.varunaVersion.rawValue
    links = document.links.count
    values = program.values.count
    let pieces = document.inputs.flatMap { tensor in tensor.commitments.map { (tensor, $0) } }
    openings = pieces.enumerated().map { number, piece in
      let arrays = program.isRegistry ? nil : program.openingArrays(number)
      return Opening(
        input: piece.0.name, function: arrays == nil ? nil : program.openingName(number),
        arrays: arrays ?? [], offset: piece.1.offset, bitWidth: piece.1.bitWidth,
        salted: piece.1.salted, scale: piece.0.scale)
    }
    parameters = (document.parameters ?? []).flatMap(\.commitments).map(\.value.decimal)
    var warnings = verdict.warnings.filter { !$0.hasPrefix("development SRS") }
    if document.srs.kind != .mainnet {
      warnings.insert(
        "made under development powers of tau: Aleo's nodes will reject the proofs", at: 0)
    }
    if !isChecked {
      warnings.insert(
        "UNCHECKED: nobody compared the keys and links with a model; the program may verify anything",
        at: 0)
    }
    self.warnings = warnings
  }

  /// The summary for people.
  var text: String {
    var text = "program \(program): \(Human.grouped(cost.programCharacters)) characters, "
    text += "\(cost.groups.count) proofs, \(values) values, \(links) links\n"
    text += "the outcome is recorded as \(outcome)\n"
    if let registeredAs { text += "the model is registered as \(registeredAs)\n" }
    text += cost.text
    for line in warnings { text += "WARNING: \(line)\n" }
    return text
  }
}
