/// Keys of clients: who they are, and how they are barred.
extension Core {
  /// All members that are no workers.
  func clientList() throws(CoordinatorError) -> [ClientSummary] {
    let connected = clients.connected
    let jobs = try store.unfinishedJobsByOwner()
    return try store.clients().map { member in
      ClientSummary(
        id: member.id, name: member.name, role: member.role,
        state: member.revoked ? "revoked" : connected.contains(member.id) ? "connected" : "away",
        jobs: jobs[member.id] ?? 0, lastSeen: member.lastSeen)
    }
  }

  /// Bars a client's key for good, by its id, or its name where no other client has it, and ends its connections at once.
  ///
  /// The token that enrolled it enrols nobody any more. Its jobs go on. The key that is in the home folder now cannot be barred; one that was there before can.
  @discardableResult
  func revoke(
    client: String, by caller: Caller
  ) throws(CoordinatorError) -> KeyRevocation {
    guard let member = try store.clients().named(client) else { throw .unknownClient(client) }
    try caller.authorise(governing: member.role)
    guard member.id != admin else {
      throw .badRequest("the key of the coordinator's own home folder cannot be revoked")
    }
    let revocation = try store.revokeClient(member.id)
    for session in clients.sessions(of: member.id) { session.expel() }
    return revocation
  }
}
