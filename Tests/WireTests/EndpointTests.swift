import Testing
import Wire

struct EndpointTests {
  @Test(arguments: [
    ("localhost:80", "localhost", 80), ("0.0.0.0:0", "0.0.0.0", 0),
    ("[::1]:65535", "::1", 65535), ("node-1.example.org:9000", "node-1.example.org", 9000),
  ])
  func goodAddress(_ text: String, _ host: String, _ port: UInt16) throws {
    let endpoint = try Endpoint(parsing: text)
    #expect(endpoint.host == host)
    #expect(endpoint.port == port)
    #expect(endpoint.description == text)
  }

  @Test(arguments: [
    ("", "the port is missing, expected HOST:PORT"),
    ("localhost", "the port is missing, expected HOST:PORT"),
    (":80", "the host is missing, expected HOST:PORT"),
    ("localhost:", "the port must be a number from 0 to 65535"),
    ("localhost:65536", "the port must be a number from 0 to 65535"),
    ("localhost:-1", "the port must be a number from 0 to 65535"),
    ("localhost:+1", "the port must be a number from 0 to 65535"),
    ("localhost:8o", "the port must be a number from 0 to 65535"),
    ("::1:80", "write IPv6 addresses in brackets, as in [::1]:9000"),
    ("[::1", "\"]\" is missing"), ("[::1]", "the port is missing, expected HOST:PORT"),
    ("[localhost]:80", "brackets are for IPv6 addresses"),
    ("a b:80", "the host contains characters that no host name has"),
    ("tcp//a:80", "the host contains characters that no host name has"),
  ])
  func badAddress(_ text: String, _ reason: String) {
    #expect(throws: WireError.invalidAddress(text: text, reason: reason)) {
      try Endpoint(parsing: text)
    }
  }
}
