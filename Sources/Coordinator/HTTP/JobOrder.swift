import Foundation
import Wire

/// What is sent to have something planned or proven: artifacts by their digests, and what differs from the standard options.
struct JobOrder: Equatable, Sendable {
  let request: SubmitRequest

  private struct Body: Decodable {
    let model: Digest
    let input: Digest
    let calibration: Digest?
    let name: String?
  }

  private static let known: Set<String> = ["model", "input", "calibration", "name", "options"]
  /// The names of all options.
  static let options = Mirror(reflecting: SubmitOptions()).children.compactMap(\.label)

  /// Reads a body; names that mean nothing are refused, or a misspelt option would be the standard one.
  init(_ call: APICall) throws(CoordinatorError) {
    let body = try call.decode(Body.self, members: Self.known)
    guard let object = try? JSONSerialization.jsonObject(with: Data(call.body)) as? [String: Any]
    else { throw .badRequest("the body is no JSON object") }
    request = SubmitRequest(
      modelName: body.name ?? "model.onnx", model: body.model, input: body.input,
      calibration: body.calibration, options: try Self.options(object["options"]))
  }

  private static func options(_ given: Any?) throws(CoordinatorError) -> SubmitOptions {
    guard let given, !(given is NSNull) else { return SubmitOptions() }
    guard let given = given as? [String: Any] else {
      throw .badRequest("'options' is an object")
    }
    if let odd = given.keys.sorted().first(where: { !options.contains($0) }) {
      throw .badRequest(
        "there is no option '\(Admission.printable(odd))'; there are: \(options.joined(separator: ", "))"
      )
    }
    do {
      let standard = try JSONSerialization.jsonObject(
        with: Data(Store.encode(SubmitOptions()).utf8))
      let merged = (standard as? [String: Any] ?? [:]).merging(given) { $1 }
      return try JSONDecoder().decode(
        SubmitOptions.self, from: try JSONSerialization.data(withJSONObject: merged))
    } catch DecodingError.dataCorrupted(let context)
      where context.codingPath.first?.stringValue == "inputs"
    {
      // Of the right form, and outside the bounds, which it names.
      throw .badJob(context.debugDescription)
    } catch let error as DecodingError {
      throw .badRequest("'options': \(APICall.explain(error))")
    } catch {
      throw .badRequest("'options' cannot be read")
    }
  }
}
