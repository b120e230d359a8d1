import Foundation
import Model
import TestSupport
import Testing

/// Operators and attributes in every version of their operator sets, against the schemas of ONNX and onnxruntime: `Fixtures/schemas.json`,
/// made by `generate_schemas.py`.
@Suite struct SchemaTests {
  /// From a version on, the kinds of an operator's attributes by name; nil where there is no such operator.
  struct Entry: Decodable {
    var version: Int
    var kinds: [String: String]?

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      version = try list.decode(Int.self)
      kinds = try list.decodeIfPresent([String: String].self)
    }
  }

  /// Attributes that are refused by name, whatever they hold.
  private static let refused: [String: Set<String>] = [
    "MeanVarianceNormalization": ["across_channels", "normalize_variance"], "Scan": ["directions"],
  ]

  @Test(arguments: [("", 7...28), ("ai.onnx.ml", 1...5), ("com.microsoft", 1...1)])
  func tablesAreThoseOfTheSchemas(_ domain: String, _ versions: ClosedRange<Int>) throws {
    let url = packageRoot.appendingPathComponent("Tests/ModelTests/Fixtures/schemas.json")
    let all = try JSONDecoder().decode(
      [String: [String: [Entry]]].self, from: Data(contentsOf: url))
    let schemas = try #require(all[domain])
    let names = SupportedOperators.names(in: domain)
    #expect(names.count > 10)
    for op in names {
      let entries = try #require(schemas[op], "\(op) is no operator")
      for version in versions {
        let expected = entries.last { $0.version <= version }?.kinds
        let found = SupportedOperators.attributes(of: op, in: domain, version: version)
        #expect((found == nil) == (expected == nil), "\(op) of \(version)")
        guard let found, let expected else { continue }
        for (name, kind) in found {
          #expect(
            expected[name] != nil && (kind.isEmpty || kind == expected[name]),
            "\(name) of \(op) \(version) is \(expected[name] ?? "unknown")")
        }
        let missing = Set(expected.keys).subtracting(found.keys)
        #expect(
          missing.subtracting(Self.refused[op] ?? []).isEmpty,
          "\(missing.sorted()) of \(op) \(version)")
      }
    }
  }
}
