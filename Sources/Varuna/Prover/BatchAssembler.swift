import Algebra

/// The coordinator's side of the split prover: owns the transcript, adds up shares, assembles an ordinary proof.
///
/// Takes the replies of each step in the order of the shares and returns the next requests. Holds the mask and the
/// blinding of g_1 unless the shares brought their own.
package struct BatchAssembler: Sendable {
  /// What one share of instances sent.
  struct InstanceReplies: Sendable {
    var mask: G1Affine?
    var h0 = G1Affine.identity
    var g1 = G1Affine.identity
    var h1 = G1Affine.identity
    var g1AtBeta = Fr.zero
    var opening = ShareMessage.InstanceOpening(
      atAlpha: .identity, atBeta: .identity, blindingAtBeta: .zero)
  }

  let srs: SRS
  let threads: Int
  /// The instances of each share.
  package let holders: [[InstanceIndex]]
  let mask: MaskShare?
  var transcript: Transcript

  var instances: [InstanceReplies]
  var w: [[G1Affine]] = []
  var lineSums: [[[Fr]]] = []
  var maskCommitment = G1Affine.identity
  var h0 = G1Affine.identity
  var g1 = G1Affine.identity
  var h1 = G1Affine.identity
  var g1AtBeta = Fr.zero
  var g: [[G1Affine]] = []
  var matrixSums: [[Fr]] = []
  /// One h_2 per share of matrices.
  var h2Shares: [G1Affine] = []
  var h2 = G1Affine.identity
  var gAtGamma: [[Fr]] = []
  /// One opening at gamma per share of matrices.
  var openingsAtGamma: [G1Affine] = []

  /// Begins a batch; every instance of the statement has exactly one holder.
  ///
  /// - Parameter mask: nil if every share of instances brings a mask of its own.
  package init(
    srs: SRS, version: VarunaVersion, statement: Statement, holders: [[InstanceIndex]],
    mask: MaskShare?, threads: Int
  ) {
    let held = holders.joined().sorted {
      ($0.circuit, $0.instance) < ($1.circuit, $1.instance)
    }
    precondition(held == statement.instances, "every instance needs exactly one share")
    precondition(holders.allSatisfy { !$0.isEmpty }, "a share without instances")
    self.srs = srs
    self.threads = threads
    self.holders = holders
    self.mask = mask
    transcript = Transcript(version: version, statement: statement)
    instances = [InstanceReplies](repeating: InstanceReplies(), count: holders.count)
  }

  /// Begins a batch whose mask and blinding of g_1 follow from a seed.
  package init(
    srs: SRS, version: VarunaVersion, statement: Statement, holders: [[InstanceIndex]],
    seed: GroupSeed, threads: Int
  ) {
    self.init(
      srs: srs, version: version, statement: statement, holders: holders,
      mask: seed.mask(C: statement.C), threads: threads)
  }

  /// The protocol version.
  package var version: VarunaVersion { transcript.version }
  /// What is proven.
  package var statement: Statement { transcript.statement }
  /// What every share is told at the beginning.
  package var dimensions: BatchDimensions { BatchDimensions(statement) }

  /// Orders what shares sent about their instances as `[circuit][instance]`.
  func arranged<T>(_ perShare: [[T]]) -> [[T]] {
    var entries: [InstanceIndex: T] = [:]
    for (indices, values) in zip(holders, perShare) {
      precondition(indices.count == values.count)
      for (index, value) in zip(indices, values) { entries[index] = value }
    }
    return statement.batchSizes.enumerated().map { c, size in
      (0..<size).map { entries[InstanceIndex(circuit: c, instance: $0)]! }
    }
  }

  /// The entries of each share of what is kept as `[circuit][instance]`.
  func perShare<T>(_ values: [[T]]) -> [[T]] {
    holders.map { $0.map { values[$0.circuit][$0.instance] } }
  }

  /// The sum of points.
  func sum(_ points: some Sequence<G1Affine>) -> G1Affine {
    points.reduce(G1.identity) { $0 + G1($1) }.affine
  }
}
