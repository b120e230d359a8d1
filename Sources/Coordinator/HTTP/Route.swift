import Foundation
import HTTP
import Wire

/// One thing that can be done over HTTP: where, by whom, and how.
struct Route: Sendable {
  /// Who may.
  enum Access: Equatable, Sendable {
    /// Everybody; says nothing about anybody.
    case open
    /// Whoever may call this method of the binary protocol; what that writes down is written down here.
    case method(ClientMethod)
    /// Whoever has this role.
    case role(TokenRole)
  }

  /// What its body is.
  enum Body: Equatable, Sendable {
    case none
    /// A JSON object of at most ``bodyLimit`` bytes.
    case json
    /// The bytes of an artifact, written as they come.
    case upload
  }

  /// Bytes that a JSON body may have.
  static let bodyLimit = 1 << 20

  let method: String
  /// The parts of the path; those in braces stand for anything.
  let template: [String]
  let access: Access
  let body: Body
  let answer: @Sendable (inout APICall) throws(CoordinatorError) -> HTTPResponse

  init(
    _ method: String, _ path: String, _ access: Access, body: Body = .none,
    _ answer: @escaping @Sendable (inout APICall) throws(CoordinatorError) -> HTTPResponse
  ) {
    self.method = method
    template = path.split(separator: "/").map(String.init)
    self.access = access
    self.body = body
    self.answer = answer
  }

  /// The path as documents write it.
  var path: String { "/" + template.joined(separator: "/") }

  /// The parameters of a path that is this one; nil where it is another one.
  func match(_ path: [String]) -> [String: String]? {
    guard path.count == template.count else { return nil }
    var parameters: [String: String] = [:]
    for (part, found) in zip(template, path) {
      if part.hasPrefix("{") {
        parameters[String(part.dropFirst().dropLast())] = found
      } else if part != found {
        return nil
      }
    }
    return parameters
  }
}

/// One request to a route, by somebody who may.
struct APICall {
  let core: Core
  let tokens: TokenDesk
  let bearers: BearerTokens
  let gauges: WebGauges
  let web: WebState
  /// Nobody in particular where the route is open.
  let caller: Caller
  let request: HTTPRequest
  /// What stands in the path where its template has braces.
  let parameters: [String: String]
  var body: [UInt8] = []
  /// What it is about, for the audit log.
  var subject = ""

  /// A part of the path.
  subscript(_ name: String) -> String { parameters[name] ?? "" }

  /// The body as a JSON object with these members and no others, or what is misspelt would be left out; none is an empty one.
  func decode<Value: Decodable>(
    _ type: Value.Type, members: Set<String>
  ) throws(CoordinatorError) -> Value {
    let data = Data(body.isEmpty ? Array("{}".utf8) : body)
    if let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let odd = object.keys.sorted().first(where: { !members.contains($0) })
    {
      throw .badRequest(
        "there is no '\(Admission.printable(odd))' here; there are: "
          + members.sorted().joined(separator: ", "))
    }
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch let error as DecodingError {
      throw .badRequest("the body: \(Self.explain(error))")
    } catch {
      throw .badRequest("the body is no JSON")
    }
  }

  static func explain(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
      return path.isEmpty ? "" : " at '\(Admission.printable(path.joined(separator: ".")))'"
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "'\(key.stringValue)' is missing\(place(context))"
    case .typeMismatch(_, let context): return "another type is expected\(place(context))"
    case .valueNotFound(_, let context): return "null is not expected\(place(context))"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty ? "is no JSON" : "not a value for this\(place(context))"
    @unknown default: return "cannot be read"
    }
  }
}

extension Route {
  /// What programs are for: the OpenAPI document names all of it.
  static let api: [Route] =
    health + [description] + cluster + jobs + submission + inquiries + events + members
  /// All that there is.
  static let all: [Route] = api + dashboard
}

extension HTTPResponse {
  /// A value as JSON.
  static func json(_ value: some Encodable, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, type: "application/json", text: Store.encode(value))
  }

  /// Done, and nothing to say about it.
  static var nothing: HTTPResponse { HTTPResponse(status: 204) }
}
