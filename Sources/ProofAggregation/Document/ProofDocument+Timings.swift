extension ProofDocument {
  /// Seconds of wall time per stage, and bytes sent per worker; informational.
  public struct Timings: Codable, Equatable, Sendable {
    /// Quantising and planning.
    public var planSeconds: Double
    /// Making verifying keys.
    public var indexSeconds: Double
    /// The lockstep rounds.
    public var proveSeconds: Double
    /// Verifying the finished proofs.
    public var verifySeconds: Double
    /// From submission to the document.
    public var totalSeconds: Double
    /// The workers that took part.
    public var workers: [WorkerTraffic]

    /// Collects the fields.
    public init(
      planSeconds: Double, indexSeconds: Double, proveSeconds: Double, verifySeconds: Double,
      totalSeconds: Double, workers: [WorkerTraffic]
    ) {
      self.planSeconds = planSeconds
      self.indexSeconds = indexSeconds
      self.proveSeconds = proveSeconds
      self.verifySeconds = verifySeconds
      self.totalSeconds = totalSeconds
      self.workers = workers
    }

    enum CodingKeys: String, CodingKey {
      case workers
      case planSeconds = "plan_seconds"
      case indexSeconds = "index_seconds"
      case proveSeconds = "prove_seconds"
      case verifySeconds = "verify_seconds"
      case totalSeconds = "total_seconds"
    }
  }

  /// What one worker contributed to the job.
  public struct WorkerTraffic: Codable, Equatable, Sendable {
    /// What it is called.
    public var name: String
    /// Shares it held.
    public var shares: Int
    /// Bytes the worker sent.
    public var bytesSent: Int
    /// Bytes the worker received.
    public var bytesReceived: Int

    /// Collects the fields.
    public init(name: String, shares: Int, bytesSent: Int, bytesReceived: Int) {
      self.name = name
      self.shares = shares
      self.bytesSent = bytesSent
      self.bytesReceived = bytesReceived
    }

    enum CodingKeys: String, CodingKey {
      case name, shares
      case bytesSent = "bytes_sent"
      case bytesReceived = "bytes_received"
    }
  }
}
