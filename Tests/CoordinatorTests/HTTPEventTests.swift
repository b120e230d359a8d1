import Coordinator
import Foundation
import TestSupport
import Testing
import Wire

/// Progress as Server-Sent Events, with and without interruptions.
@Suite(.serialized) struct HTTPEventTests {
  /// One event of a stream.
  struct Event: Equatable {
    var id = "", name = "", data = ""

    /// The events of a text, but for comments.
    static func all(in text: String) -> [Event] {
      text.replacingOccurrences(of: "\r\n", with: "\n").components(separatedBy: "\n\n").compactMap {
        block in
        var event = Event()
        for line in block.split(separator: "\n") {
          if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
          if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
          if line.hasPrefix("data: ") { event.data = String(line.dropFirst(6)) }
        }
        return event.name.isEmpty ? nil : event
      }
    }

    var progress: ProgressEvent? {
      try? JSONDecoder().decode(ProgressEvent.self, from: Data(data.utf8))
    }
  }

  let coordinator: TestCoordinator
  let admin: JobClient
  let http: HTTPClient

  init() throws {
    coordinator = try TestCoordinator(http: true)
    admin = try coordinator.client()
    http = try coordinator.http(try coordinator.bearer(.viewer))
  }

  @Test func aJobIsFollowedToItsEnd() throws {
    let job = try coordinator.submit(admin)
    let stream = try http.stream("/v1/jobs/\(job)/events")
    #expect(stream.text(until: "event: progress") != nil)
    let worker = try coordinator.worker("a")
    let text = try #require(stream.text(until: "event: end"))
    #expect(text.contains("text/event-stream"))
    let events = Event.all(in: try http.request("GET", "/v1/jobs/\(job)/events").text)
    // Whoever comes late hears the end at once, and is told not to come back after it.
    #expect(events.map(\.name) == ["end"])
    #expect(events[0].data.contains("\"stage\":\"done\""))
    let over = try http.request(
      "GET", "/v1/jobs/\(job)/events", headers: ["Last-Event-ID: \(events[0].id)"])
    #expect(over.status == 204)
    withExtendedLifetime(worker) {}
  }

  @Test func whoeverLostTheConnectionMissesNothing() throws {
    let job = try coordinator.submit(admin)
    let stream = try http.stream("/v1/jobs/\(job)/events")
    #expect(stream.text(until: "event: progress") != nil)
    let worker = try coordinator.worker("a")
    #expect(try admin.follow(job) { _ in }.stage == .done)
    let all = Event.all(in: try #require(stream.text(until: "event: end\n")))
    let progress = all.filter { $0.name == "progress" }
    #expect(progress.count >= 3 && progress.last?.progress?.stage == .done)
    // The same from any place in between.
    for place in [0, 1, progress.count - 2] {
      let rest = try http.request(
        "GET", "/v1/jobs/\(job)/events", headers: ["Last-Event-ID: \(progress[place].id)"])
      let events = Event.all(in: rest.text)
      #expect(events.filter { $0.name == "progress" } == Array(progress[(place + 1)...]))
      #expect(events.last?.name == "end")
    }
    // A place of another process, or of none.
    for id in ["0123456789ab-1", "x", "-", "1-1-1"] {
      let answer = try http.request(
        "GET", "/v1/jobs/\(job)/events", headers: ["Last-Event-ID: \(id)"])
      #expect(Event.all(in: answer.text).map(\.name) == ["end"])
    }
    withExtendedLifetime(worker) {}
  }

  @Test func everybodyHearsOfTheJobsThatHeMaySee() throws {
    let token = try coordinator.bearer(.client)
    let client = try coordinator.http(token)
    let everything = try http.stream("/v1/events")
    let own = try client.stream("/v1/events")
    #expect(everything.text(until: "listening") != nil && own.text(until: "listening") != nil)
    let model = Array("2 1 4".utf8)
    let digest = Digest(of: model).hex
    let others = try coordinator.submit(admin)
    #expect(try client.request("PUT", "/v1/artifacts/\(digest)", body: model).status == 201)
    let made = try client.request(
      "POST", "/v1/jobs", headers: ["Content-Type: application/json"],
      body: Array("{\"model\": \"\(digest)\", \"input\": \"\(digest)\"}".utf8))
    let job = try #require((made.object["job"] as? [String: Any])?["id"] as? String)
    #expect(everything.text(until: "\"job\":\"\(job)\"")?.contains(others) == true)
    #expect(own.text(until: "\"job\":\"\(job)\"")?.contains(others) == false)
    #expect(try client.request("GET", "/v1/jobs/\(others)/events").status == 404)
  }

  @Test func aStreamEndsWithItsToken() throws {
    let token = try coordinator.server.createToken(role: .viewer, lifetime: 600, bearer: "short")
    let stream = try coordinator.http(token).stream("/v1/events")
    #expect(stream.text(until: "listening") != nil)
    let id = try #require(try admin.tokens().first { $0.bearer == "short" }?.id)
    try admin.revokeToken(id)
    let job = try coordinator.submit(admin)
    #expect(stream.text(until: job) == nil)
  }

  @Test func streamsOfOneTokenAreBounded() throws {
    var streams = try (0..<16).map { _ in try http.stream("/v1/events") }
    for stream in streams { #expect(stream.text(until: "listening") != nil) }
    let refused = try http.request("GET", "/v1/events")
    #expect(refused.status == 429 && refused.headers["retry-after"] == "5")
    #expect(try http.request("GET", "/v1/cluster").status == 200)
    streams.removeLast()
    try eventually("room for another") {
      // A stream notices that its peer is gone when it has something to say.
      let job = try coordinator.submit(admin)
      try admin.cancel(job)
      let answer = try http.stream("/v1/events")
      return answer.text(until: "\r\n\r\n")?.hasPrefix("HTTP/1.1 200") == true
    }
  }

  @Test func viewersLeaveStreamsToOthers() throws {
    let viewers = try (0..<3).map { number in
      try coordinator.http(
        coordinator.server.createToken(role: .viewer, lifetime: 600, bearer: "v\(number)"))
    }
    var streams: [HTTPConnection] = []
    for number in 0..<40 {
      let stream = try viewers[number % 3].stream("/v1/events")
      #expect(stream.text(until: "listening") != nil)
      streams.append(stream)
    }
    let refused = try viewers[0].request("GET", "/v1/events")
    #expect(refused.status == 429 && refused.text.contains("of all tokens"))
    let own = try coordinator.http(try coordinator.bearer(.operator)).stream("/v1/events")
    #expect(own.text(until: "listening") != nil)
    withExtendedLifetime(streams) {}
  }

  @Test func theServerStopsWithStreamsOpen() throws {
    let stream = try http.stream("/v1/events")
    #expect(stream.text(until: "listening") != nil)
    let began = ProcessInfo.processInfo.systemUptime
    coordinator.server.stop()
    #expect(ProcessInfo.processInfo.systemUptime - began < 5)
    #expect(stream.text(until: "never") == nil)
  }
}
