import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// The files of the dashboard: all there, as they are in the source, for everybody, and with nothing from elsewhere.
@Suite(.serialized) struct DashboardTests {
  let http: HTTPClient
  private let coordinator: TestCoordinator

  init() throws {
    coordinator = try TestCoordinator(http: true)
    http = try coordinator.http(nil)
  }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/CDashboard/web")

  private static func files() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      files[name] = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }
    return files
  }

  @Test func everyFileIsInTheProgramAsItIsInTheSource() throws {
    let files = try Self.files()
    #expect(Set(files.keys) == Set(DashboardFile.all.keys))
    for (name, bytes) in files {
      let answer = try http.request("GET", "/dashboard/\(name)")
      #expect(answer.status == 200 && answer.body == bytes, "\(name)")
    }
    #expect(try http.request("GET", "/").body == files["index.html"])
  }

  @Test func browsersAreToldWhatTheFilesAreAndWhatTheyMayDo() throws {
    let types = [
      "/": "text/html; charset=utf-8", "/dashboard/app.js": "text/javascript; charset=utf-8",
      "/dashboard/style.css": "text/css; charset=utf-8", "/dashboard/icon.svg": "image/svg+xml",
    ]
    for (target, type) in types {
      let headers = try http.request("GET", target).headers
      #expect(headers["content-type"] == type)
      #expect(headers["x-content-type-options"] == "nosniff")
      #expect(headers["x-frame-options"] == "DENY")
      #expect(headers["cross-origin-opener-policy"] == "same-origin")
      #expect(headers["referrer-policy"] == "no-referrer")
      #expect(headers["cache-control"] == "no-cache")
      let policy = headers["content-security-policy"]?.components(separatedBy: "; ") ?? []
      for part in [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
        "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "trusted-types 'none'",
        "require-trusted-types-for 'script'",
      ] { #expect(policy.contains(part), "\(target): \(part)") }
      #expect(!policy.joined().contains("unsafe"))
    }
  }

  @Test func whoHasAFileIsNotSentItAgain() throws {
    let first = try http.request("GET", "/dashboard/app.js")
    let tag = try #require(first.headers["etag"])
    for known in [tag, "W/\(tag)", "\"x\", \(tag)"] {
      let again = try http.request("GET", "/dashboard/app.js", headers: ["If-None-Match: \(known)"])
      #expect(again.status == 304 && again.body.isEmpty && again.headers["etag"] == tag)
    }
    let other = try http.request("GET", "/dashboard/app.js", headers: ["If-None-Match: \"x\""])
    #expect(other.status == 200 && other.body == first.body)
    let head = try http.request("HEAD", "/dashboard/app.js")
    #expect(head.status == 200 && head.body.isEmpty && head.headers["etag"] == tag)
  }

  @Test(arguments: [
    "/dashboard", "/dashboard/nothing.js", "/dashboard/web/app.js", "/app.js",
    "/dashboard/..%2Ffiles.c", "/index.html", "/dashboard/APP.JS",
  ])
  func whatIsNoFileIsNotThere(target: String) throws {
    let answer = try http.request("GET", target)
    #expect(answer.status == 404 && answer.object["code"] as? String == "no_route")
    #expect(
      answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
  }

  @Test func nothingIsWrittenThere() throws {
    for method in ["POST", "PUT", "DELETE"] {
      #expect(try http.request(method, "/").status == 405)
      #expect(try http.request(method, "/dashboard/app.js").status == 405)
    }
  }

  /// The browser would refuse it; here it has a name before anybody opens a browser.
  @Test func nothingIsFromElsewhereOrMadeOfTexts() throws {
    for (name, bytes) in try Self.files() {
      let text = String(decoding: bytes, as: UTF8.self)
        .replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
      for part in [
        "http:", "https:", "//cdn", "innerHTML", "outerHTML", "insertAdjacentHTML", "eval(",
        "new Function", "document.write", "localStorage", "document.cookie",
      ] { #expect(!text.contains(part), "\(name) has '\(part)'") }
      if name.hasSuffix(".html") {
        for part in [" style=", " onclick=", " onload=", "<style"] {
          #expect(!text.contains(part), "\(name) has '\(part)'")
        }
        #expect(text.components(separatedBy: "<script").count == 2)
      }
    }
  }

  @Test func everyImportIsThere() throws {
    let files = try Self.files()
    for (name, bytes) in files where name.hasSuffix(".js") {
      let text = String(decoding: bytes, as: UTF8.self)
      for line in text.split(separator: "\n") where line.hasPrefix("import ") {
        let module = line.split(separator: "\"").last { $0.hasPrefix("./") }?.dropFirst(2)
        #expect(module.map { files[String($0)] != nil } ?? false, "\(name): \(line)")
      }
    }
  }
}
