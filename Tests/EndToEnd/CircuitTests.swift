import Coordinator
import Foundation
import Testing

/// Given circuits instead of a model.
///
/// | scenario | what it pins down |
/// | --- | --- |
/// | several circuits and witnesses | one batch proof, verified against the files and against no others |
/// | equal circuits in two files | they are instances of one circuit |
/// | wrong witness, damaged file | the file, the constraint and its wires are named, nothing is proven |
/// | worker killed, coordinator killed | the job goes on like a model's |
@Suite(.serialized) struct CircuitTests {
  private let folder: Folder
  private let chain = SquareChain(steps: 40)

  init() throws {
    folder = try Folder()
    try Network.provideParameters(to: folder["home"])
    try chain.circuit.write(to: folder["chain.r1cs"])
    try SquareChain(steps: 3).circuit.write(to: folder["short.r1cs"])
    for input in 2...4 as ClosedRange<UInt64> {
      try chain.witness(input).write(to: folder["chain\(input).wtns"])
      try SquareChain(steps: 3).witness(input).write(to: folder["short\(input).wtns"])
    }
  }

  /// Runs a command; words that are files of the folder become paths.
  private func run(_ words: String...) throws -> (status: Int32, output: String, errors: String) {
    let run = try Running(
      .coordinator,
      words.map { word in
        word.hasSuffix(".r1cs") || word.hasSuffix(".wtns") || word.hasSuffix(".json")
          ? folder[word].path : word
      } + ["--home", folder["home"].path], logs: folder.url)
    return (try run.status(), run.text, run.errorText)
  }

  private func json(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: folder[name])
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func circuitsBecomeOneBatch() throws {
    let proven = try run(
      "prove-r1cs", "chain.r1cs", "chain2.wtns", "chain3.wtns", "--", "short.r1cs", "short2.wtns",
      "--workers", "2", "--out", "proof.json")
    try #require(proven.status == 0, "\(proven.output)\(proven.errors)")
    let document = try json("proof.json")
    let groups = try #require(document["groups"] as? [[String: Any]])
    #expect(groups.count == 1 && document["model"] == nil && document["plan"] == nil)
    let inputs = try #require(groups[0]["public_inputs"] as? [[[String]]])
    #expect(inputs.map(\.count).sorted() == [1, 2])
    // 2^8 and nothing else is the eighth power of 2.
    #expect(inputs.contains([["1", "256"]]))

    #expect(try run("verify", "proof.json").status == 0)
    let bound = try run("verify", "proof.json", "--r1cs", "chain.r1cs", "--r1cs", "short.r1cs")
    #expect(bound.status == 0, "\(bound.output)\(bound.errors)")
    #expect(!bound.output.contains("not compared"))
    #expect(try run("verify", "proof.json", "--r1cs", "chain.r1cs").status == 1)
    try SquareChain(steps: 4).circuit.write(to: folder["other.r1cs"])
    let wrong = try run("verify", "proof.json", "--r1cs", "chain.r1cs", "--r1cs", "other.r1cs")
    #expect(wrong.status == 1 && wrong.output.contains("no proof is about 'other.r1cs'"))
    var exchanged = document
    exchanged["digest"] = nil  // it would name the damage
    let names = try #require(document["circuits"] as? [[String: Any]])
    exchanged["circuits"] = [names[1], names[0]]
    try JSONSerialization.data(withJSONObject: exchanged).write(to: folder["exchanged.json"])
    #expect(try run("verify", "exchanged.json").status == 0, "names are not part of any proof")
    let named = try run("verify", "exchanged.json", "--r1cs", "chain.r1cs", "--r1cs", "short.r1cs")
    #expect(named.status == 1 && named.output.contains("'chain.r1cs' is another file"))
    exchanged["circuits"] = [] as [Any]
    try JSONSerialization.data(withJSONObject: exchanged).write(to: folder["exchanged.json"])
    #expect(try run("verify", "exchanged.json").status == 1)
    let other = try run("verify", "proof.json", "--model", Network.model.path)
    #expect(other.status == 7 && other.errors.contains("not about a model"))

    let indexed = try run("index-r1cs", "short.r1cs", "--json")
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(indexed.output.utf8)) as? [String: Any])
    let keys = try #require(groups[0]["verifying_keys"] as? [String])
    #expect(try keys.contains(#require(report["key"] as? String)))
  }

  @Test func equalCircuitsAreInstancesOfOne() throws {
    // The same system with other labels: another file, the same circuit.
    var copy = [UInt8](chain.circuit)
    copy[copy.count - 8] ^= 1
    try Data(copy).write(to: folder["copy.r1cs"])
    let proven = try run(
      "prove-r1cs", "chain.r1cs", "chain2.wtns", "--", "copy.r1cs", "chain4.wtns", "--varuna", "2",
      "--workers", "1", "--out", "proof.json")
    try #require(proven.status == 0, "\(proven.output)\(proven.errors)")
    let groups = try #require(try json("proof.json")["groups"] as? [[String: Any]])
    #expect((groups[0]["public_inputs"] as? [[[String]]])?.map(\.count) == [2])
    let strict = try run("verify", "proof.json")
    #expect(strict.status == 1 && strict.output.contains("unsound"))
    #expect(try run("verify", "proof.json", "--allow-unsound-version").status == 0)
  }

  @Test func whatIsWrongIsNamed() throws {
    var witness = [UInt8](chain.witness(2))
    witness[witness.count - 32] ^= 1
    try Data(witness).write(to: folder["bad.wtns"])
    let bad = try run("prove-r1cs", "chain.r1cs", "bad.wtns", "--out", "proof.json")
    #expect(bad.status == 3)
    #expect(
      bad.errors.contains(
        "bad.wtns does not satisfy constraint 38 of chain.r1cs (A: wires 40; B: wires 40; C: wires 41)"
      ),
      "\(bad.errors)")
    let other = try run("prove-r1cs", "chain.r1cs", "short2.wtns", "--out", "proof.json")
    #expect(other.status == 3 && other.errors.contains("expected 42 values"), "\(other.errors)")
    try chain.circuit.prefix(500).write(to: folder["cut.r1cs"])
    let cut = try run("prove-r1cs", "cut.r1cs", "chain2.wtns", "--out", "proof.json")
    #expect(cut.status == 3 && cut.errors.contains("expected section 2 of"), "\(cut.errors)")
    #expect(try run("prove-r1cs", "chain.r1cs", "--out", "proof.json").status == 2)
    #expect(!FileManager.default.fileExists(atPath: folder["proof.json"].path))
  }

  @Test func crashesDoNotEndAJob() throws {
    let network = try Network()
    try network.join("a")
    try network.join("b")
    let long = SquareChain(steps: 3000)
    try long.circuit.write(to: folder["long.r1cs"])
    let witnesses = try (2...5 as ClosedRange<UInt64>).map { input in
      try long.witness(input).write(to: folder["long\(input).wtns"])
      return folder["long\(input).wtns"]
    }
    let client = try network.client()
    let job = try client.submit(
      circuits: [CircuitFiles(circuit: folder["long.r1cs"], witnesses: witnesses)],
      options: SubmitOptions(workers: 2))
    var events: [String] = []
    let summary = try client.follow(job) { event in
      guard event.stage == .proving else { return }
      if events.isEmpty {
        events.append(event.step)
        network.workers["a"]?.signal(SIGKILL)
        #expect(throws: Never.self) { try network.crashAndRestart() }
      }
    }
    #expect(!events.isEmpty && summary.stage == .done, "\(summary.detail)")
    let proof = folder["proof.json"]
    #expect(try network.command(["document", job, "--out", proof.path]).status == 0)
    #expect(try run("verify", "proof.json").status == 0)
    // Witnesses go with their job.
    let artifacts = try FileManager.default.subpathsOfDirectory(
      atPath: network.home.appendingPathComponent("artifacts").path)
    for witness in witnesses {
      let size = try Data(contentsOf: witness).count
      for file in artifacts {
        let path = network.home.appendingPathComponent("artifacts/\(file)").path
        let found = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(found != size, "a witness is still in the coordinator's store")
      }
    }
  }
}
