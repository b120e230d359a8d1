import AleoEZKL
import Algebra
import Coordinator
import Foundation
import Model
import ProofAggregation
import TestSupport
import Testing

/// A model of eight equal blocks on its way to an Aleo program.
///
/// | scenario | what it pins down |
/// | --- | --- |
/// | proving with a target | equal blocks are instances of one circuit; groups fit; the document verifies, with the model too |
/// | `verify --explain` | every chunk with operators, circuit id, commitments, ends and verdicts |
/// | a flipped byte | in every field that a verifier reads: the document is rejected, with the reason |
/// | `export aleo` | a program of its own and a registry: keys in the one, in the calls that register beside the other; libraries, calls and summary; costs are those that `plan` printed; who chose the settings; pinned ones |
/// | refusals | heights of unsound versions, plans and documents that do not fit |
@Suite(.serialized) struct OnChainTests {
  private static let model = packageRoot.appendingPathComponent("examples/repeated_blocks.onnx")
  private static let input = packageRoot.appendingPathComponent(
    "examples/repeated_blocks_input.json")
  /// Options under which a chunk is one block.
  private static let cut: [String] = {
    for limit in ["2048", "4096", "8192", "16384"] {
      let options = ["--max-constraints", limit, "--workers", "2"]
      guard let folder = try? Self.folder.get(),
        let run = try? Running(
          .coordinator,
          [
            "plan", model.path, "--input", input.path, "--home", folder["home"].path, "--target",
            "aleo-mainnet", "--json",
          ] + options, logs: folder.url), (try? run.status()) == 0,
        let plan = try? JSONDecoder().decode(PlanReport.self, from: Data(run.text.utf8))
      else { continue }
      if plan.chunks.count == 8 { return options }
    }
    return []
  }()

  private static let folder = Result { try Folder() }

  /// The document of the model, proven once for all tests.
  private static let proven: Result<Data, any Error> = Result {
    let folder = try Self.folder.get()
    try Network.provideParameters(to: folder["home"])
    let run = try Running(
      .coordinator,
      [
        "submit", model.path, "--input", input.path, "--out", folder["proof.json"].path, "--home",
        folder["home"].path, "--target", "aleo-mainnet", "--height", "23000000",
      ] + cut, logs: folder.url)
    guard try run.status() == 0 else { throw NeverHappened(run.errorText) }
    return try Data(contentsOf: folder["proof.json"])
  }

  private let folder: Folder
  private let document: ProofDocument

  init() throws {
    document = try ProofDocument(json: try Self.proven.get())
    folder = try Self.folder.get()
  }

  private func run(_ words: [String]) throws -> (status: Int32, output: String, errors: String) {
    let run = try Running(.coordinator, words, logs: folder.url)
    let status = try run.status()
    return (status, run.text, run.errorText)
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func equalBlocksShareACircuitAndGroupsFit() throws {
    let chunks = try #require(document.chunks)
    #expect(chunks.count == 8)
    let instances = document.groups.flatMap(\.publicInputs).map(\.count)
    #expect(instances.max() ?? 0 >= 4, "\(instances)")
    #expect(document.groups.count == 2)
    for group in document.groups {
      #expect(Set(group.publicInputs.map(\.count)).count == 1)
      #expect(group.proof.bytes.count <= 2048)
    }
    let bound = try run([
      "verify", folder["proof.json"].path, "--model", Self.model.path, "--home",
      folder["home"].path,
    ])
    #expect(bound.status == 0, "\(bound.output)\(bound.errors)")
  }

  @Test func everyChunkIsExplained() throws {
    let text = try run(["verify", folder["proof.json"].path, "--explain"])
    #expect(text.status == 0)
    for word in ["layer3", "circuit id", "commitment to input 'x'", "of chunk 7"] {
      #expect(text.output.contains(word), "\(word)")
    }
    let report = try run(["verify", folder["proof.json"].path, "--explain", "--json"]).output
    let explanation = try JSONDecoder().decode(DocumentExplanation.self, from: Data(report.utf8))
    #expect(explanation.accepted && explanation.chunks.count == 8)
    for chunk in explanation.chunks {
      #expect(chunk.proof.passed && chunk.circuitID.count == 64 && !chunk.operators.isEmpty)
      #expect(chunk.boundaries.map(\.role) == [.reads, .makes])
      for boundary in chunk.boundaries {
        #expect(!boundary.ends.isEmpty && boundary.ends.allSatisfy { $0.isEqual })
      }
    }

    // A broken link shows at both of its ends.
    var broken = document
    let link = try #require(document.links.first)
    broken.groups[link.to.group].publicInputs[link.to.circuit][link.to.instance][link.to.index] =
      Fr(7)
    let told = DocumentExplanation(broken, DocumentVerifier(broken).verify())
    #expect(!told.accepted)
    let unequal = told.chunks.flatMap(\.boundaries).filter { $0.ends.contains { !$0.isEqual } }
    #expect(Set(unequal.map(\.position)).isSuperset(of: [link.from, link.to]))
  }

  @Test func aFlippedByteInAnyFieldIsRejectedWithTheReason() throws {
    let text = try Self.proven.get()
    var seen: Set<String> = []
    for flip in Flip.all(in: text) {
      seen.insert(flip.field)
      var damaged = text
      damaged[flip.place] ^= 1
      let reason: String
      do {
        let verdict = DocumentVerifier(try ProofDocument(json: damaged)).verify()
        let failed = verdict.checks.filter { !$0.passed }
        reason = verdict.accepted ? "" : failed.map { "\($0.name): \($0.detail)" }.joined()
      } catch {
        reason = error.description
      }
      #expect(reason.count > 8, "\(flip) was not noticed")
    }
    let fields = [
      "proof", "verifying_keys", "public_inputs", "links", "value", "positions", "integers",
      "floats", "scale", "shape", "name", "offset", "bit_width", "salted", "start", "count",
      "visibility", "hash",
    ]
    #expect(seen.isSuperset(of: fields), "\(seen)")

    var damaged = text
    let last = try #require(Flip.all(in: text).last { $0.field == "verifying_keys" })
    damaged[last.place] ^= 1
    try damaged.write(to: folder["damaged.json"])
    let told = try run(["verify", folder["damaged.json"].path])
    #expect(told.status == 1 && told.output.contains("REJECTED"), "\(told)")
  }

  @Test func thePackageCostsWhatThePlanSaid() throws {
    let plan = try run(
      [
        "plan", Self.model.path, "--input", Self.input.path, "--home", folder["home"].path,
        "--target", "aleo-mainnet", "--json",
      ] + Self.cut)
    #expect(plan.status == 0, "\(plan.errors)")
    let planned = try #require(try json(plan.output)["onChain"] as? [String: Any])
    let exported = try run([
      "export", "aleo", folder["proof.json"].path, "--model", Self.model.path, "--out",
      folder["package"].path, "--json", "--home", folder["home"].path,
    ])
    #expect(exported.status == 0, "\(exported.errors)")
    let summary = try json(exported.output)
    // Proofs of several circuits: what the program is called follows from the keys.
    #expect(planned["program"] as? String == "varuna_models_*.aleo")
    #expect((summary["program"] as? String)?.hasPrefix("varuna_models_") == true)
    let (cost, plannedCost) = (
      try #require(summary["cost"] as? [String: Any]),
      try #require(planned["cost"] as? [String: Any])
    )
    for number in [
      "instructionMicrocredits", "finalizeMicrocredits", "storageMicrocredits",
      "totalMicrocredits", "executionBytes", "transactionBytes",
    ] {
      #expect(cost[number] as? Int == plannedCost[number] as? Int, "\(number)")
    }
    #expect((summary["warnings"] as? [String])?.first?.contains("development") == true)
    #expect(summary["checkedAgainstModel"] as? Bool == true)
    // Registering costs less than a program of its own.
    #expect(summary["registeredAs"] != nil && plannedCost["registration"] != nil)
    let settings = try #require(document.plan?.settings)
    #expect(summary["settings"] as? String == settings.hex)
    let program = try String(contentsOf: folder["package/main.aleo"], encoding: .utf8)
    let registered = try #require(summary["registration"] as? [String]).map {
      try String(contentsOf: folder["package/\($0).json"], encoding: .utf8)
    }
    let own = try run([
      "export", "aleo", folder["proof.json"].path, "--unchecked", "--own", "--out",
      folder["own"].path, "--json",
    ])
    #expect(own.status == 0, "\(own.errors)")
    #expect((try json(own.output)["program"] as? String)?.hasPrefix("m_repeated_blocks_") == true)
    let ownText = try String(contentsOf: folder["own/main.aleo"], encoding: .utf8)
    for key in document.groups.flatMap(\.verifyingKeys) {
      let literals = key.bytes.map { "\($0)u8" }
      #expect(ownText.contains(literals.joined(separator: " ")))
      #expect(registered.contains { $0.contains(literals.joined(separator: ", ")) })
      #expect(!program.contains(literals.joined(separator: " ")))
    }
    let both = try run([
      "export", "aleo", folder["proof.json"].path, "--unchecked", "--own", "--registry", "--out",
      folder["own"].path,
    ])
    #expect(both.status == 2 && both.errors.contains("--registry"))
    let call = try json(try String(contentsOf: folder["package/verify.json"], encoding: .utf8))
    // Packed, a proof comes in two inputs, and a library unpacks it.
    #expect((call["inputs"] as? [String])?.count == 2 + 2 * document.groups.count)
    let deployment = try #require(cost["deployment"] as? [String: Any])
    #expect(
      deployment["total"] as? Int == (plannedCost["deployment"] as? [String: Any])?["total"] as? Int
    )
    let libraries = try #require(cost["libraries"] as? [[String: Any]]).compactMap {
      $0["program"] as? String
    }
    #expect(!libraries.isEmpty)
    for library in libraries {
      let text = try String(contentsOf: folder["package/\(library)"], encoding: .utf8)
      #expect(text.contains("program \(library);") && program.contains("import \(library);"))
    }
    let named = try run([
      "export", "aleo", folder["proof.json"].path, "--out", folder["package"].path, "--program",
      "Bad-Name.aleo", "--unchecked",
    ])
    #expect(named.status == 3 && named.errors.contains("lower-case"))
  }

  /// Several calls where one may not cost that much, and all libraries at once.
  @Test func callsAreDividedAsAsked() throws {
    func export(_ words: [String]) throws -> (status: Int32, output: String, errors: String) {
      try run(["export", "aleo"] + words)
    }
    func calls(_ output: String) throws -> [String]? { try json(output)["functions"] as? [String] }
    let words = [
      folder["proof.json"].path, "--out", folder["divided"].path, "--unchecked", "--json",
    ]
    let whole = try export(words + ["--max-calls", "1", "--transport", "bytes"])
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(try calls(whole.output) == ["verify"])
    let divided = try export(words + ["--max-microcredits", "100000", "--nonce", "17"])
    #expect(divided.status == 0, "\(divided.errors)")
    #expect(try calls(divided.output) == ["verify_0", "verify_1", "conclude"])
    for name in ["verify_0", "verify_1", "conclude"] {
      let call = try json(try String(contentsOf: folder["divided/\(name).json"], encoding: .utf8))
      #expect((call["inputs"] as? [String])?.first?.hasPrefix("[17field, ") == true)
    }
    let poor = try export(words + ["--max-microcredits", "10000"])
    #expect(poor.status == 3 && poor.errors.contains("--max-microcredits"), "\(poor)")
    let libraries = try export(["--library", "--out", folder["libraries"].path, "--json"])
    #expect(libraries.status == 0, "\(libraries.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder["libraries"].path)
    #expect(names.count == 12 && names.contains("varuna_unpack_1x8.aleo"))
    #expect(try export(["--out", folder["libraries"].path]).status == 2)
    #expect(try export(words + ["--transport", "pigeon"]).status == 2)
  }

  /// A program keeps its settings for good: whoever exports it says which, and the summary says who chose them.
  @Test func aPackageSaysWhoChoseTheSettings() throws {
    func export(_ words: [String]) throws -> (status: Int32, output: String, errors: String) {
      try run(
        [
          "export", "aleo", folder["proof.json"].path, "--model", Self.model.path, "--out",
          folder["pinned"].path, "--json", "--home", folder["home"].path,
        ] + words)
    }
    func source(_ output: String) throws -> String? {
      let choices = try json(output)["choices"] as? [[String: Any]]
      return choices?.first { $0["what"] as? String == "settings" }?["source"] as? String
    }
    func warns(_ output: String) throws -> Bool {
      let warnings = try #require(try json(output)["warnings"] as? [String])
      return warnings.contains { $0.contains("were not pinned") }
    }
    let plan = try #require(document.plan)
    let file = folder["pinned_settings.json"]
    try plan.manifest.settings.canonicalJSON.write(to: file)
    for given in [file.path, plan.settings.hex] {
      let pinned = try export(["--settings", given])
      #expect(pinned.status == 0, "\(pinned.errors)")
      #expect(try source(pinned.output) == "user")
      #expect(try !warns(pinned.output))
    }
    let free = try export([])
    #expect(try source(free.output) == "prover")
    #expect(try warns(free.output))

    try FileManager.default.removeItem(at: folder["pinned"])
    var other = plan.manifest.settings
    other.headroomBits += 1
    try other.canonicalJSON.write(to: file)
    let refused = try export(["--settings", file.path])
    #expect(refused.status == 1 && refused.errors.contains("settings"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: folder["pinned"].path))
    let unchecked = try run([
      "export", "aleo", folder["proof.json"].path, "--out", folder["pinned"].path, "--unchecked",
      "--settings", file.path,
    ])
    #expect(unchecked.status == 2 && unchecked.errors.contains("--model"), "\(unchecked)")
  }

  @Test func whatCannotGoOnChainIsRefusedWithTheReason() throws {
    func plan(_ words: [String]) throws -> (status: Int32, output: String, errors: String) {
      try run(
        ["plan", Self.model.path, "--input", Self.input.path, "--home", folder["home"].path]
          + words)
    }
    let old = try plan(["--target", "aleo-mainnet", "--height", "22436999"])
    #expect(old.status == 3 && old.errors.contains("V2") && old.errors.contains("unsound"))
    let insisted = try plan(
      ["--target", "aleo-mainnet", "--height", "22436999", "--allow-unsound-version"])
    #expect(insisted.status == 0, "\(insisted.errors)")
    #expect(try plan(["--target", "aleo-testnet", "--height", "20234000"]).status == 0)
    #expect(try plan(["--height", "1"]).status == 2)

    // Without a target all chunks are in one proof, which no array holds.
    let out = folder["free.json"].path
    let free = try run(
      [
        "submit", Self.model.path, "--input", Self.input.path, "--out", out, "--home",
        folder["home"].path, "--input-visibility", "hashed",
      ] + Self.cut)
    try #require(free.status == 0, "\(free.errors)")
    let refused = try run([
      "export", "aleo", out, "--out", folder["free"].path, "--unchecked",
    ])
    #expect(refused.status == 3 && refused.errors.contains("--target"), "\(refused.errors)")
  }
}

/// A byte of a document whose lowest bit a test inverts.
struct Flip: CustomStringConvertible {
  /// The name of the field that it belongs to.
  var field: String
  var place: Int

  var description: String { "byte \(place) of \(field)" }

  /// Bytes of every value of groups, links, inputs and outputs: both ends and the middle, and in keys and proofs one
  /// in every point or scalar.
  static func all(in document: Data) -> [Flip] {
    var flips: [Flip] = []
    var (section, field, start, elements) = ("", "", 0, 0)
    for line in document.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      defer { start = line.endIndex + 1 }
      let text = String(decoding: line, as: UTF8.self)
      let parts = text.components(separatedBy: "\" : ")
      let indent = text.prefix { $0 == " " }.count
      if parts.count == 2 {
        field = String(parts[0].trimmingCharacters(in: .whitespaces).dropFirst())
        if indent == 2 { section = field }
      }
      guard ["groups", "links", "inputs", "outputs"].contains(section) else { continue }
      let value = (parts.count == 2 ? parts[1] : text)
        .trimmingCharacters(in: CharacterSet(charactersIn: " ,"))
      guard !value.isEmpty, !["[", "]", "{", "}", "[]", "{}"].contains(value) else { continue }
      guard let found = text.range(of: value, options: .backwards) else { continue }
      let first = start + text[..<found.lowerBound].utf8.count + (value.hasPrefix("\"") ? 1 : 0)
      let count = value.utf8.count - (value.hasPrefix("\"") ? 2 : 0)
      let step = max(1, count > 500 ? 64 : count / 2)
      let name = section == "links" ? section : field
      if name == "integers" || name == "floats" {
        // Every value of these is read by the same line of code.
        elements += 1
        guard elements % 8 == 1 else { continue }
      }
      flips += Swift.stride(from: 0, to: count, by: step).map {
        Flip(field: name, place: first + $0)
      }
      flips.append(Flip(field: name, place: first + count - 1))
    }
    return flips
  }
}
