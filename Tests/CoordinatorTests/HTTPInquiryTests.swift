import AleoEZKL
import Coordinator
import Foundation
import Model
import ProofAggregation
import TestSupport
import Testing
import Varuna
import Wire

/// Questions over HTTP about a document and about a model, answered by the real program beside the coordinator.
@Suite(.serialized) struct HTTPInquiryTests {
  private let folder: TemporaryFolder
  private let server: CoordinatorServer
  private let http: HTTPClient

  init() throws {
    folder = try TemporaryFolder()
    var configuration = CoordinatorConfiguration(home: folder.url, threads: 1)
    configuration.http = HTTPAccess(host: "127.0.0.1", port: 0)
    server = try CoordinatorServer(configuration)
    try server.start()
    http = try Self.client(of: server, .client)
  }

  private static func client(
    of server: CoordinatorServer, _ role: TokenRole
  ) throws -> HTTPClient {
    let token = try server.createToken(role: role, lifetime: 600, bearer: "test")
    return HTTPClient(
      port: try #require(server.httpPort), headers: ["Authorization: Bearer \(token)"])
  }

  private func example(_ name: String) throws -> [UInt8] {
    [UInt8](
      try Data(contentsOf: packageRoot.appendingPathComponent("examples/\(name)")))
  }

  private func upload(_ bytes: [UInt8]) throws -> String {
    let digest = Digest(of: bytes).hex
    let answer = try http.request("PUT", "/v1/artifacts/\(digest)", body: bytes)
    try #require([200, 201].contains(answer.status), "\(answer.text)")
    return digest
  }

  private func ask(
    _ path: String, _ members: [String: Any], by client: HTTPClient? = nil
  ) throws -> HTTPClient.Answer {
    try (client ?? http).request(
      "POST", path, headers: ["Content-Type: application/json"],
      body: [UInt8](try JSONSerialization.data(withJSONObject: members)))
  }

  @Test func aDocumentIsVerifiedAboutItsModelAndNoOther() throws {
    defer { server.stop() }
    let onnx = try example("digits_mlp.onnx")
    let run = try PlannedRun(
      onnx: onnx, name: "digits_mlp.onnx", input: try example("digits_mlp_input.json"),
      request: .onOneMachine(powers: 1 << 15))
    let library = SRSLibrary(home: HomeFolder(folder.url), threads: 1)
    let domain = run.largestDomain
    let powers = try library.load("development", R: domain, C: domain, K: domain).srs
    let json = [UInt8](try run.prove(under: powers, threads: 1).json())
    let (proof, model) = (try upload(json), try upload(onnx))
    let alone = try ask("/v1/verify", ["proof": proof])
    #expect(alone.status == 200 && alone.object["accepted"] as? Bool == true, "\(alone.text)")
    let bound = try ask("/v1/verify", ["proof": proof, "model": model])
    #expect(bound.status == 200 && bound.object["accepted"] as? Bool == true, "\(bound.text)")
    let report = try #require(bound.object["report"] as? [String: Any])
    #expect((report["checks"] as? [Any])?.isEmpty == false)
    let other = try upload(try example("digits_cnn.onnx"))
    let wrong = try ask("/v1/verify", ["proof": proof, "model": other])
    #expect(wrong.status == 200 && wrong.object["accepted"] as? Bool == false)
    let pinned = try ask(
      "/v1/verify",
      ["proof": proof, "model": model, "settings": String(repeating: "0", count: 64)])
    #expect(pinned.object["accepted"] as? Bool == false)
    // Pins without a model, a file that is no document, one that another uploaded, and who may not ask.
    #expect(try ask("/v1/verify", ["proof": proof, "tolerance": 0.1]).status == 422)
    #expect(try ask("/v1/verify", ["proof": model]).status == 422)
    #expect(try ask("/v1/verify", ["proof": proof, "modle": model]).status == 400)
    let stranger = try Self.client(of: server, .client)
    #expect(try ask("/v1/verify", ["proof": proof], by: stranger).status == 422)
    let viewer = try Self.client(of: server, .viewer)
    #expect(try ask("/v1/verify", ["proof": proof], by: viewer).status == 403)
  }

  @Test func settingsThatAreFoundAreTakenByAJob() throws {
    defer { server.stop() }
    let model = try upload(try example("digits_mlp.onnx"))
    let input = try upload(try example("digits_mlp_input.json"))
    let found = try ask("/v1/calibrate", ["model": model, "data": [input], "workers": 1])
    #expect(found.status == 200, "\(found.text)")
    let calibration = try JSONDecoder().decode(
      Calibration.self,
      from: try JSONSerialization.data(
        withJSONObject: try #require(found.object["calibration"])))
    let settings = try #require(found.object["settings"] as? String)
    #expect(Data(settings.utf8) == calibration.settingsFile)
    let plan = try ask(
      "/v1/plan",
      ["model": model, "input": input, "calibration": try upload(Array(settings.utf8))])
    #expect(plan.status == 200, "\(plan.text)")
    #expect(try ask("/v1/calibrate", ["model": model, "data": []]).status == 422)
    #expect(
      try ask("/v1/calibrate", ["model": model, "data": [input], "workers": 0]).status == 422)
    #expect(try ask("/v1/calibrate", ["model": input, "data": [input]]).status == 422)
    let left = try FileManager.default.contentsOfDirectory(
      atPath: folder.url.appendingPathComponent("planning").path)
    #expect(left.isEmpty)
  }
}
