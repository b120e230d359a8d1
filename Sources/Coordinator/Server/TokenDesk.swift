import Wire

/// Makes join tokens, and tokens that programs show over HTTP.
struct TokenDesk: Sendable {
  let store: Store
  let coordinator: Digest
  /// The address that tokens carry unless the request names another.
  let address: Endpoint

  /// Workers that a token enrols where it was not said how many: whoever has it must not fill the database with keys.
  static let workersPerToken = 1024

  /// Makes a token, stores its hash, and returns its id and its text: the only time anybody sees it.
  func create(
    _ request: TokenRequest, at now: Double
  ) throws(CoordinatorError) -> (id: String, text: String) {
    guard request.lifetime >= 1, request.lifetime <= 10 * 366 * 86_400 else {
      throw .badJob("a token lives from one second to ten years")
    }
    if let bearer = request.bearer { return try create(for: bearer, request, at: now) }
    if let uses = request.uses, uses < 1 { throw .badJob("a token is for one key at least") }
    // Keys of one token share limits: a token is somebody's. Workers have none to share, and are many.
    let uses = request.uses ?? (request.role == .worker ? Self.workersPerToken : 1)
    var endpoint = address
    if let text = request.address {
      do {
        endpoint = try Endpoint(parsing: text)
      } catch {
        throw .badAddress(text)
      }
    }
    if endpoint.isWildcard {
      throw .badRequest(
        "nobody can connect to \(endpoint): a token needs an address of the coordinator")
    }
    let secret = TokenSecret.random()
    let expires = (now + request.lifetime).rounded(.up)
    try store.insertToken(
      TokenSummary(
        id: secret.id, role: request.role, created: now, expires: expires, revoked: false, uses: 0,
        maximumUses: uses),
      hash: secret.hash.bytes)
    let token = JoinToken(
      address: endpoint, coordinator: coordinator, secret: secret,
      role: request.role == .worker ? .worker : .client, expiry: UInt64(expires))
    return (secret.id, token.text)
  }

  /// Makes a token for a program that speaks HTTP.
  private func create(
    for bearer: String, _ request: TokenRequest, at now: Double
  ) throws(CoordinatorError) -> (id: String, text: String) {
    guard request.role != .worker else {
      throw .badRequest(
        "workers do not speak HTTP: a token for it is for a viewer, client, operator or admin")
    }
    guard request.uses == nil, request.address == nil else {
      throw .badRequest("a token for HTTP enrols no keys and carries no address")
    }
    let secret = TokenSecret.random()
    try store.insertToken(
      TokenSummary(
        id: secret.id, role: request.role, created: now,
        expires: (now + request.lifetime).rounded(.up), revoked: false, uses: 0,
        bearer: Admission.printable(bearer)),
      hash: secret.hash.bytes)
    return (secret.id, BearerToken.text(of: secret))
  }
}
