/// The operators that can be translated and their attributes, as they are compared with the schemas of ONNX and onnxruntime.
package enum SupportedOperators {
  /// Names of the operators of a domain: the standard one, which is empty, `ai.onnx.ml` or `com.microsoft`.
  package static func names(in domain: String) -> [String] {
    switch domain {
    case "ai.onnx.ml": Operators.classical.keys.sorted()
    case "com.microsoft": Operators.microsoft.keys.sorted()
    default: (Operators.standard.keys + ["If", "Loop", "Scan"]).sorted()
    }
  }

  /// The attributes of an operator that are read in a version of its operator set, with what each holds, such as `integers`; an empty
  /// text where anything is taken, nil where the version has no such operator.
  package static func attributes(
    of op: String, in domain: String, version: Int
  ) -> [String: String]? {
    guard Operators.versions(of: op, in: domain).contains(version) else { return nil }
    return AttributeForm.all(of: op, in: domain).compactMapValues { form in
      form.form(in: version).map { $0.kind.map { "\($0)" } ?? "" }
    }
  }
}
