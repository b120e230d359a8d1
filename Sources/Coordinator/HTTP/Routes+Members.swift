import HTTP
import Wire

/// Who may what, and who did what.
extension Route {
  /// What `GET /v1/tokens` answers.
  struct TokenList: Codable, Equatable, Sendable { let tokens: [TokenSummary] }

  /// A token that was made; its text is shown this once.
  struct NewToken: Codable, Equatable, Sendable {
    let id: String
    let token: String
  }

  /// What `GET /v1/clients` answers.
  struct ClientList: Codable, Equatable, Sendable { let clients: [ClientSummary] }

  /// What `GET /v1/audit` answers.
  struct AuditPage: Codable, Equatable, Sendable {
    let entries: [AuditEntry]
    /// What gives the entries before these; nil: there are none.
    let next: UInt64?
  }

  /// Whom a token makes of its bearer.
  struct Identity: Codable, Equatable, Sendable {
    let id: String
    let name: String
    let role: TokenRole
  }

  /// What messages about ends of jobs are signed with.
  struct SigningKey: Codable, Equatable, Sendable { let key: String }

  static var members: [Route] {
    [
      Route("GET", "/v1/self", .role(.viewer)) { call throws(CoordinatorError) in
        _ = try call.query()
        let member = call.caller.member
        return .json(Identity(id: member.id, name: member.name, role: member.role))
      },
      Route("GET", "/v1/webhook-key", .method(.webhookKey)) { call throws(CoordinatorError) in
        let query = try call.query("operator")
        var account = call.caller.account
        if try APICall.flag(query["operator"], "operator") {
          call.subject = "the operator's"
          try call.caller.authorise(.operatorWebhookKey)
          account = WebhookKeys.operatorAccount
        }
        return .json(SigningKey(key: call.core.webhookKeys.text(of: account)))
      },
      Route("GET", "/v1/tokens", .method(.tokens)) { call throws(CoordinatorError) in
        _ = try call.query()
        return .json(TokenList(tokens: try call.core.store.tokens()))
      },
      Route("POST", "/v1/tokens", .method(.createToken), body: .json) {
        call throws(CoordinatorError) in
        _ = try call.query()
        // It carries the coordinator's own address.
        let request = try call.decode(
          TokenRequest.self, members: ["role", "lifetime", "bearer", "uses"])
        call.subject = "for a \(request.role.rawValue)"
        try call.caller.authorise(governing: request.role)
        let (id, text) = try call.tokens.create(request, at: Core.wallClock)
        call.subject = "\(id) \(call.subject)"
        return .json(NewToken(id: id, token: text), status: 201)
      },
      Route("POST", "/v1/tokens/{token}/revoke", .method(.revokeToken)) {
        call throws(CoordinatorError) in
        call.subject = call["token"]
        _ = try call.query()
        guard
          let token = try call.core.store.tokens().first(where: { [id = call["token"]] in
            $0.id == id
          })
        else { throw .unknownToken(call.subject) }
        try call.caller.authorise(governing: token.role)
        try call.core.store.revokeToken(token.id)
        return .nothing
      },
      Route("GET", "/v1/clients", .method(.clients)) { call throws(CoordinatorError) in
        _ = try call.query()
        return .json(ClientList(clients: try call.core.clientList()))
      },
      Route("POST", "/v1/clients/{client}/revoke", .method(.revokeClient)) {
        call throws(CoordinatorError) in
        call.subject = call["client"]
        _ = try call.query()
        guard
          try call.core.store.clients().contains(where: { [id = call["client"]] in $0.id == id })
        else { throw .unknownClient(call.subject) }
        try call.core.revoke(client: call.subject, by: call.caller)
        return .nothing
      },
      Route("GET", "/v1/audit", .method(.audit)) { call throws(CoordinatorError) in
        let query = try call.query("limit", "before")
        let limit = try APICall.number(query["limit"], "limit", in: 1...1000, standard: 100)
        let before = try query["before"].map { (text) throws(CoordinatorError) in
          UInt64(try APICall.number(text, "before", in: 1...Int.max, standard: 1))
        }
        let entries = try call.core.store.audit(limit: limit, before: before)
        let oldest = entries.last.map(\.number)
        return .json(
          AuditPage(
            entries: entries, next: entries.count == limit && oldest ?? 1 > 1 ? oldest : nil))
      },
    ]
  }
}
