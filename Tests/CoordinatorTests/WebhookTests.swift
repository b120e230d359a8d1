import Coordinator
import Foundation
import HTTP
import TestSupport
import Testing
import Wire

/// Messages about ends of jobs, to a real receiver.
@Suite(.serialized) struct WebhookTests {
  private func coordinator(
    _ change: @escaping (inout CoordinatorConfiguration) -> Void = { _ in }
  ) throws -> TestCoordinator {
    try TestCoordinator { configuration in
      configuration.webhookAllowsPrivate = true
      change(&configuration)
    }
  }

  private func submit(
    _ coordinator: TestCoordinator, _ client: JobClient, to url: String?
  ) throws -> String {
    let model = try coordinator.model()
    var options = SubmitOptions(workers: 1)
    options.webhook = url
    return try client.submit(model: model, input: model, options: options)
  }

  private func deliveries(_ client: JobClient, _ job: String) throws -> [WebhookDelivery] {
    try client.job(job).webhooks ?? []
  }

  @Test func aJobsEndIsToldOnceAndSigned() throws {
    let receiver = try WebhookReceiver()
    let coordinator = try coordinator()
    let worker = try coordinator.worker("a")
    let client = try coordinator.client()
    let job = try submit(coordinator, client, to: receiver.url("a/secret"))
    #expect(try client.follow(job) { _ in }.stage == .done)
    try eventually("the message") { try deliveries(client, job).first?.state == .delivered }
    let message = try #require(receiver.messages.first)
    #expect(receiver.messages.count == 1 && message.path == ["a", "secret"])
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(message.body)) as? [String: Any])
    #expect(object["type"] as? String == "job.done")
    #expect((object["job"] as? [String: Any])?["id"] as? String == job)
    // As a receiver checks it, by the key that its owner was told.
    let id = try #require(message.headers["webhook-id"])
    let time = try #require(message.headers["webhook-timestamp"])
    let key = try #require(Data(base64Encoded: String(try client.webhookKey().dropFirst(6))))
    let mac = Sodium.hmacSHA256(key: Array(key), Array("\(id).\(time).".utf8) + message.body)
    #expect(message.headers["webhook-signature"] == "v1," + Data(mac).base64EncodedString())
    #expect(try client.webhookKey(ofOperator: true) != client.webhookKey())
    let delivery = try #require(try deliveries(client, job).first)
    #expect(delivery.id == id && delivery.status == 204 && delivery.attempts == 1)
    #expect(delivery.next == nil && !delivery.isOperators)
    // The path may be a secret: nobody is shown it.
    let shown = try client.job(job)
    #expect(shown.options.webhook == delivery.receiver && !delivery.receiver.contains("secret"))
    #expect(!coordinator.log.text.contains("secret"))
    withExtendedLifetime(worker) {}
  }

  @Test func aMessageThatFailedIsSentAgainAfterARestart() throws {
    let receiver = try WebhookReceiver([
      HTTPResponse(status: 500),
      HTTPResponse(status: 302, headers: [("Location", "/other")]),
    ])
    let first = try coordinator()
    let client = try first.client()
    let job = try submit(first, client, to: receiver.url())
    try client.cancel(job)
    try eventually("an attempt") { try deliveries(client, job).first?.attempts == 1 }
    let waiting = try #require(try deliveries(client, job).first)
    #expect(waiting.state == .waiting && waiting.status == 500 && waiting.next != nil)
    client.close()
    first.server.stop()
    for attempt in 2...3 {
      // As if the pause were over.
      try Store(path: HomeFolder(first.folder.url).database.path).perform {
        connection throws(CoordinatorError) in
        try connection.run("UPDATE deliveries SET due = 1")
      }
      let server = try TestCoordinator.open(
        first.folder, port: 0, leaseSeconds: 30, first.log
      ) { $0.webhookAllowsPrivate = true }
      try server.start()
      defer { server.stop() }
      let again = try JobClient(home: first.folder.url)
      try eventually("attempt \(attempt)") {
        try deliveries(again, job).first?.attempts == attempt
      }
      let now = try #require(try deliveries(again, job).first)
      #expect(now.state == (attempt == 3 ? .delivered : .waiting))
      if attempt == 2 { #expect(now.detail.contains("redirects are not followed")) }
      again.close()
    }
    // One message, however often: the receiver knows it by its id.
    let ids = Set(receiver.messages.map { $0.headers["webhook-id"] })
    #expect(receiver.messages.count == 3 && ids == [waiting.id])
    #expect(receiver.messages.allSatisfy { $0.path == ["hook"] })
  }

  @Test func privateAddressesAreNotConnectedToUnlessTheOperatorAllows() throws {
    let receiver = try WebhookReceiver()
    let coordinator = try coordinator { $0.webhookAllowsPrivate = false }
    let client = try coordinator.client()
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
      let job = try submit(
        coordinator, client, to: receiver.url().replacing("127.0.0.1", with: host))
      try client.cancel(job)
      try eventually("an attempt") { try deliveries(client, job).first?.attempts == 1 }
      let delivery = try #require(try deliveries(client, job).first)
      #expect(delivery.state == .waiting && delivery.detail.contains("private"), "\(host)")
    }
    #expect(receiver.messages.isEmpty)
  }

  @Test func theOperatorIsToldOfEveryJob() throws {
    let receiver = try WebhookReceiver()
    let coordinator = try coordinator { $0.webhook = receiver.url("all") }
    let client = try coordinator.client()
    let job = try submit(coordinator, client, to: nil)
    try client.cancel(job)
    try eventually("the message") { try deliveries(client, job).first?.state == .delivered }
    let message = try #require(receiver.messages.first)
    let delivery = try #require(try deliveries(client, job).first)
    #expect(message.path == ["all"] && delivery.isOperators)
    let key = try #require(
      Data(base64Encoded: String(try client.webhookKey(ofOperator: true).dropFirst(6))))
    let head = "\(delivery.id).\(message.headers["webhook-timestamp"] ?? "")."
    let mac = Sodium.hmacSHA256(key: Array(key), Array(head.utf8) + message.body)
    #expect(message.headers["webhook-signature"] == "v1," + Data(mac).base64EncodedString())
    // What is told goes with the job.
    try client.delete(job)
    let store = try Store(path: HomeFolder(coordinator.folder.url).database.path)
    #expect(try store.deliveries(of: job).isEmpty)
  }

  @Test func aReceiverThatHangsKeepsNothingWaiting() throws {
    let socket = try HangingSocket()
    let coordinator = try coordinator()
    let client = try coordinator.client()
    let job = try submit(coordinator, client, to: "http://127.0.0.1:\(socket.port)/")
    try client.cancel(job)
    try eventually("a connection") { socket.hasConnection }
    let other = try submit(coordinator, client, to: nil)
    try client.cancel(other)
    #expect(try client.follow(other) { _ in }.stage == .cancelled)
    client.close()
    coordinator.server.stop()
    // What was given up was no attempt.
    let store = try Store(path: HomeFolder(coordinator.folder.url).database.path)
    #expect(try store.deliveries(of: job).first?.attempts == 0)
  }

  @Test(arguments: [
    "ftp://a.example/", "https:///x", "https://user@a.example/", "https://a.example/#x",
    "https://a.example:0/", "https://a.example:65536/", "https://a b.example/", "a.example",
    "https://a.example/\u{e9}", "https://a.example\\@b.example/", "file:///etc/passwd",
    "https://a.example/" + String(repeating: "x", count: WebhookTarget.longest),
  ])
  func whatIsNoAddressIsRefusedAtSubmission(_ url: String) {
    var options = SubmitOptions()
    options.webhook = url
    #expect(options.fault?.contains("webhook") == true)
  }

  @Test func anOriginIsAllThatIsShown() throws {
    #expect(try WebhookTarget("https://a.example:8443/x?y=z").origin == "https://a.example:8443")
    #expect(try WebhookTarget("HTTP://[2001:db8::1]/x").origin == "http://[2001:db8::1]")
    #expect(WebhookTarget.shown("nonsense secret") == "an address that cannot be used")
  }

  /// Computed by Python's hmac from seed bytes 0 to 31.
  @Test func keysAndSignaturesAreWhatOthersCompute() {
    let keys = WebhookKeys(seed: Array(0..<32))
    #expect(keys.text(of: "acct") == "whsec_8K1meCLCM76Aul97ax7poPjs8LCtyXaimqmYm/Ueekw=")
    let signature = keys.signature(
      of: Array("{\"test\": 2432232314}".utf8), id: "msg_1", time: 1_614_265_330, account: "acct")
    #expect(signature == "v1,TU2xZ3xTCi6A8X3kLWamJzP9zI0GK9fG3h69wXzWABw=")
    #expect(keys.text(of: "acct") != keys.text(of: "other"))
  }

  @Test func pausesGrowAndEnd() {
    var pauses: [Double] = []
    for attempt in 1..<WebhookSchedule.attempts {
      let verdict = WebhookSchedule.verdict(after: attempt, .answered(503))
      #expect(verdict.state == .waiting && verdict.status == 503)
      pauses.append(verdict.pause ?? 0)
    }
    #expect(pauses == [5, 20, 80, 320, 1280, 5120, 14400])
    let last = WebhookSchedule.verdict(after: WebhookSchedule.attempts, .failed("x"))
    #expect(last.state == .failed && last.pause == nil && last.detail == "x")
    #expect(WebhookSchedule.verdict(after: 1, .answered(410)).state == .failed)
    #expect(WebhookSchedule.verdict(after: 1, .answered(299)).state == .delivered)
    #expect(WebhookSchedule.verdict(after: 1, .answered(301)).state == .waiting)
  }
}

/// A port where connections are taken and nothing is said.
private final class HangingSocket {
  private let listener: Int32
  let port: UInt16

  init() throws {
    let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let named = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(file, $0, length) == 0 && listen(file, 4) == 0 && getsockname(file, $0, &length) == 0
      }
    }
    listener = file
    port = UInt16(bigEndian: address.sin_port)
    try #require(named)
  }

  deinit { close(listener) }

  /// Whether somebody has connected.
  var hasConnection: Bool {
    var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, 0) > 0
  }
}
