import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// The OpenAPI document, compared with the routes and with what they answer.
@Suite(.serialized) struct OpenAPITests {
  let coordinator: TestCoordinator
  let admin: JobClient
  let http: HTTPClient
  let document: JSON

  init() throws {
    coordinator = try TestCoordinator(http: true)
    admin = try coordinator.client()
    http = try coordinator.http(try coordinator.bearer(.operator))
    let answer = try coordinator.http(nil).request("GET", "/v1/openapi.json")
    document = try JSONDecoder().decode(JSON.self, from: Data(answer.body))
  }

  @Test func itNamesTheRoutesThatThereAreAndNoOthers() throws {
    var documented: Set<String> = []
    for (path, methods) in document["paths"].members {
      for (method, operation) in methods.members {
        documented.insert("\(method.uppercased()) \(path)")
        let inPath = operation["parameters"].items.filter { $0["in"].text == "path" }
        #expect(
          inPath.compactMap { $0["name"].text }.map { "{\($0)}" }
            == path.split(separator: "/").filter { $0.hasPrefix("{") }.map(String.init),
          "\(method) \(path)")
      }
    }
    #expect(documented == Set(APISurface.routes.map { "\($0.method) \($0.path)" }))
    #expect(document["info"]["version"].text == Product.version)
    let names = document["paths"].members.flatMap { $0.1.members.map { $0.1["operationId"].text } }
    #expect(Set(names).count == names.count)
  }

  @Test func theOptionsOfAJobAreAllThere() {
    let documented = document["components"]["schemas"]["SubmitOptions"]["properties"].members
    #expect(Set(documented.map(\.0)) == Set(APISurface.options))
  }

  /// Asks, and compares what comes with what is documented for this route and status.
  private func check(
    _ method: String, _ template: String, _ target: String, _ status: Int, json: String? = nil,
    body: [UInt8]? = nil
  ) throws -> HTTPClient.Answer {
    let answer = try http.request(
      method, target, headers: json == nil ? [] : ["Content-Type: application/json"],
      body: json.map { Array($0.utf8) } ?? body)
    #expect(answer.status == status, "\(method) \(target): \(answer.text.prefix(300))")
    let responses = document["paths"][template][method.lowercased()]["responses"]
    let response = document.resolve(responses["\(status)"])
    #expect(response != .null, "\(method) \(template) has no \(status)")
    let content = response["content"].members
    guard let (type, media) = content.first else {
      #expect(answer.body.isEmpty)
      return answer
    }
    #expect(answer.headers["content-type"] == type, "\(method) \(template)")
    if type.hasSuffix("json") {
      let value = try JSONDecoder().decode(JSON.self, from: Data(answer.body))
      let differences = document.differences(value, media["schema"], "\(method) \(template)")
      #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }
    return answer
  }

  @Test func whatIsAnsweredIsWhatIsDocumented() throws {
    let worker = try coordinator.worker("a")
    let id = try #require(try admin.workers().first?.id)
    let model = Array("2 1 4".utf8)
    let digest = Digest(of: model).hex
    let upload = "/v1/artifacts/{digest}"
    _ = try check("GET", upload, "/v1/artifacts/\(digest)", 404)
    _ = try check("PUT", upload, "/v1/artifacts/\(digest)", 201, body: model)
    _ = try check("PUT", upload, "/v1/artifacts/\(digest)", 200, body: model)
    _ = try check("GET", upload, "/v1/artifacts/\(digest)", 200)
    let order = "{\"model\": \"\(digest)\", \"input\": \"\(digest)\"}"
    _ = try check("POST", "/v1/plan", "/v1/plan", 200, json: order)
    _ = try check("POST", "/v1/jobs", "/v1/jobs", 400, json: "{}")
    let made = try check("POST", "/v1/jobs", "/v1/jobs", 201, json: order)
    let job = try #require((made.object["job"] as? [String: Any])?["id"] as? String)
    let one = "/v1/jobs/{job}"
    #expect(try admin.follow(job) { _ in }.stage == .done)
    _ = try check("GET", one, "/v1/jobs/\(job)?attempts=true", 200)
    _ = try check("GET", "\(one)/plan", "/v1/jobs/\(job)/plan", 200)
    _ = try check("GET", "\(one)/proof", "/v1/jobs/\(job)/proof", 200)
    _ = try check("POST", "\(one)/cancel", "/v1/jobs/\(job)/cancel", 409)
    _ = try check("GET", "\(one)/events", "/v1/jobs/\(job)/events", 200)
    _ = try check("GET", "/v1/jobs", "/v1/jobs?limit=1", 200)
    let actions = "/v1/workers/{worker}"
    _ = try check("POST", "\(actions)/cordon", "/v1/workers/\(id)/cordon", 204, json: "{}")
    _ = try check("GET", "/v1/workers", "/v1/workers", 200)
    _ = try check("GET", actions, "/v1/workers/\(id)", 200)
    _ = try check("GET", actions, "/v1/workers/none", 404)
    _ = try check("DELETE", actions, "/v1/workers/\(id)", 409)
    _ = try check("GET", "/v1/cluster", "/v1/cluster", 200)
    _ = try check("GET", "/v1/self", "/v1/self", 200)
    _ = try check("GET", "/v1/webhook-key", "/v1/webhook-key?operator=true", 200)
    let token = "{\"role\": \"viewer\", \"lifetime\": 60, \"bearer\": \"x\"}"
    _ = try check("POST", "/v1/tokens", "/v1/tokens", 201, json: token)
    _ = try check(
      "POST", "/v1/tokens", "/v1/tokens", 403, json: token.replacing("viewer", with: "admin"))
    _ = try check("GET", "/v1/tokens", "/v1/tokens", 200)
    _ = try check("GET", "/v1/clients", "/v1/clients", 200)
    _ = try check("GET", "/v1/audit", "/v1/audit?limit=3", 200)
    _ = try check("DELETE", one, "/v1/jobs/\(job)", 204)
    _ = try check("GET", one, "/v1/jobs/\(job)", 404)
    for path in ["/healthz", "/readyz", "/metrics", "/v1/openapi.json"] {
      _ = try check("GET", path, path, 200)
    }
    withExtendedLifetime(worker) {}
  }
}

/// A JSON value, and as much of JSON Schema as the document uses.
enum JSON: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }

  subscript(_ name: String) -> JSON {
    if case .object(let members) = self { members[name] ?? .null } else { .null }
  }

  var members: [(String, JSON)] {
    if case .object(let members) = self { members.sorted { $0.key < $1.key } } else { [] }
  }

  var items: [JSON] { if case .array(let items) = self { items } else { [] } }

  var text: String? { if case .string(let text) = self { text } else { nil } }

  private var type: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .number(let value): value == value.rounded() ? "integer" : "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  /// What a reference of this document stands for.
  func resolve(_ value: JSON) -> JSON {
    guard let path = value["$ref"].text else { return value }
    return path.split(separator: "/").dropFirst().reduce(self) { $0[String($1)] }
  }

  /// How a value differs from a schema of this document; members that are not documented count, too.
  func differences(_ value: JSON, _ given: JSON, _ place: String) -> [String] {
    let schema = resolve(given)
    var found: [String] = []
    if case .array(let choices) = schema["oneOf"] {
      let fitting = choices.filter { differences(value, $0, place).isEmpty }
      return fitting.count == 1 ? [] : ["\(place): \(fitting.count) of its schemas fit"]
    }
    var types = schema["type"].items.compactMap(\.text)
    if let one = schema["type"].text { types = [one] }
    if !types.isEmpty, !types.contains(value.type),
      !(value.type == "integer" && types.contains("number"))
    {
      return ["\(place): is of type \(value.type), not \(types)"]
    }
    if case .array(let choices) = schema["enum"], !choices.contains(value) {
      found.append("\(place): is none of its choices: \(value)")
    }
    if case .number(let value) = value, case .number(let least) = schema["minimum"], value < least {
      found.append("\(place): \(value) is less than \(least)")
    }
    if let pattern = schema["pattern"].text, let text = value.text,
      text.range(of: pattern, options: .regularExpression) == nil
    {
      found.append("\(place): '\(text)' is not of the form \(pattern)")
    }
    for (number, item) in value.items.enumerated() where schema["items"] != .null {
      found += differences(item, schema["items"], "\(place)[\(number)]")
    }
    guard case .object(let members) = value else { return found }
    for name in schema["required"].items.compactMap(\.text) where members[name] == nil {
      found.append("\(place): '\(name)' is missing")
    }
    let properties = schema["properties"]
    for (name, member) in value.members {
      if properties[name] != .null {
        found += differences(member, properties[name], "\(place).\(name)")
      } else if schema["additionalProperties"] != .null {
        found += differences(member, schema["additionalProperties"], "\(place).\(name)")
      } else if properties != .null {
        found.append("\(place): '\(name)' is not documented")
      }
    }
    return found
  }
}
