/// How the descriptors of the process are shared out, so that peers, whatever they do, leave some to the node's own work. Pure.
///
/// A connection takes one, an upload under way one, a connection of HTTP two: it may be sent a file.
package struct DescriptorBudget: Equatable, Sendable {
  /// What there is in all.
  package let limit: Int
  /// Kept for the database, planning and what else the node does.
  package let reserve: Int
  /// Connections whose peers have not been admitted.
  package let strangers: Int
  /// Connections of HTTP, with their reserve for probes.
  package let http: Int
  /// Uploads under way, in all and of one account.
  package let uploads, uploadsPerAccount: Int
  /// Connections of clients, in all and of one account.
  package let clients, clientsPerAccount: Int
  /// Connections of workers.
  package let workers: Int

  /// Below so many, no network of any size can be served.
  package static let enough = 1024

  /// Shares out `limit` descriptors.
  package init(limit: Int) {
    self.limit = limit
    reserve = min(512, max(48, limit / 4))
    let rest = max(32, limit - reserve)
    strangers = min(512, rest / 8)
    http = min(144, rest / 16)
    uploads = min(4096, rest / 8)
    uploadsPerAccount = max(1, min(512, uploads / 2))
    clients = min(8192, rest / 4)
    clientsPerAccount = min(256, clients / 2)
    workers = rest - strangers - 2 * http - uploads - clients
  }

  /// What an operator should know where there are few; nil where there are enough.
  package var warning: String? {
    limit >= Self.enough
      ? nil
      : "only \(limit) file descriptors (ulimit -n, LimitNOFILE): at most \(workers) workers and "
        + "\(clients) connections of clients; \(Self.enough) and more are better"
  }
}
