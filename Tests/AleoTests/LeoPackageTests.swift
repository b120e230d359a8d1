import Aleo
import Algebra
import Foundation
import Testing
import Varuna

/// What `export aleo --leo` writes; Leo itself judges it in Tests/InteropVM.
@Suite struct LeoPackageTests {
  private static func package(
    registry: Bool, salted: Bool = true, name: String = "applicant"
  ) throws(AleoError) -> LeoPackage {
    let program = try VerifierProgram(
      name: "some_model_of_ours", modelDigest: [UInt8](repeating: 7, count: 32),
      settingsDigest: [UInt8](repeating: 8, count: 32),
      values: [.given, .hashed(.init(count: 1, bits: 32))],
      groups: [
        [.init(key: [UInt8](repeating: 9, count: 673), publicCount: 4, instances: [[0, 1]])]
      ],
      inputs: [0], outputs: [1],
      openings: [.init(words: .init(count: 6, bits: 8), isSalted: salted)]
    ).ways(VerificationRequest(registry: registry, transport: .library))[0].program
    return try LeoPackage(
      program: program, model: "credit.onnx", parameters: [],
      inputs: [.init(name: name, shape: [1, 6], scale: 128, offsets: [-128])],
      outputs: [
        .init(name: "probability", shape: [1, 1], scale: 524_288, offsets: [-2_147_483_648])
      ])
  }

  private static func text(_ package: LeoPackage, _ path: String) throws -> String {
    try #require(package.files.first { $0.path == path }).text
  }

  @Test func thePackageHoldsWhatItImports() throws {
    let package = try Self.package(registry: true)
    let manifest = try #require(
      try JSONSerialization.jsonObject(with: Data(Self.text(package, "program.json").utf8))
        as? [String: Any])
    let dependencies = try #require(manifest["dependencies"] as? [[String: Any]])
    #expect(dependencies.count == 2)
    for dependency in dependencies {
      let (name, path) = (dependency["name"] as? String, dependency["path"] as? String)
      #expect(path == "imports/\(name!)")
      #expect(try Self.text(package, path!).contains("program \(name!);"))
    }
    #expect(manifest["program"] as? String == "lending_pool_07070707.aleo")
  }

  @Test func anOutcomeHasToBeOfTheModel() throws {
    let registry = try Self.package(registry: true)
    #expect(try Self.text(registry, "src/model.leo").contains("const MODEL: field = "))
    #expect(
      try Self.text(registry, "src/main.leo").contains("assert(model::is_of_model(outcome.model))"))
    let own = try Self.package(registry: false)
    #expect(try Self.text(own, "src/model.leo").contains("model == MODEL && settings == SETTINGS"))
    #expect(
      try Self.text(own, "src/main.leo").contains(
        "assert(model::is_of_model(outcome.model, outcome.settings))"))
  }

  @Test func numbersAreStoredAsTheProofHasThem() throws {
    let text = try Self.text(Self.package(registry: true), "src/model.leo")
    #expect(text.contains("(number - -128i128) as u8"))
    #expect(text.contains("(stored as i128) + (-2147483648i128)"))
    #expect(text.contains("export const SCALE_OUTPUT_PROBABILITY: i128 = 524288i128;"))
    #expect(text.contains("salt: [bool; 252]"))
    let hashed = try Self.text(Self.package(registry: true, salted: false), "src/model.leo")
    #expect(hashed.contains("fn commit_input_applicant(elements: [u8; 6]) -> field"))
  }

  /// Names come from a model that anybody may have written.
  @Test(arguments: [
    "a\nfn evil() {}", "", "aleo aleo", "ünïcode-" + String(repeating: "x", count: 99),
  ])
  func namesOfTensorsAreNoProgram(_ name: String) throws {
    let package = try Self.package(registry: true, name: name)
    for path in ["src/model.leo", "src/main.leo", "tests/test_pool.leo"] {
      let text = try Self.text(package, path)
      #expect(!text.split(separator: "\n").contains { $0.hasPrefix("fn evil") })
      let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }
      #expect(words.filter { $0.hasPrefix("input_") }.allSatisfy { $0.utf8.count <= 31 })
    }
  }

  @Test func anOutcomeWithoutNumbersIsNoScore() throws {
    let program = try VerifierProgram(
      name: "some_model_of_ours", modelDigest: [UInt8](repeating: 7, count: 32),
      settingsDigest: [UInt8](repeating: 8, count: 32), values: [.given, .given],
      groups: [
        [.init(key: [UInt8](repeating: 9, count: 673), publicCount: 4, instances: [[0, 1]])]
      ],
      inputs: [0], outputs: [1],
      openings: [.init(words: .init(count: 6, bits: 8), isSalted: true)])
    #expect(throws: AleoError.self) {
      try LeoPackage(
        program: program, model: "credit.onnx", parameters: [],
        inputs: [.init(name: "x", shape: [6], scale: 1, offsets: [0])],
        outputs: [.init(name: "y", shape: [1], scale: 1, offsets: [0])])
    }
  }
}
