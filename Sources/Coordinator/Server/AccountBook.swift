import Synchronization
import Wire

/// What accounts have here, as running totals: uploads under way, uploads that are kept, what their unfinished jobs need and say.
///
/// A file counts once for an account, however many of its keys and jobs rely on it. Nothing here depends on how many files there
/// are: one account with many must not keep others waiting.
final class AccountBook: Sendable {
  /// What a file or a stored job costs at least, however short it is.
  static let block: UInt64 = 4096
  /// Uploads of one account, under way and kept, at most.
  static let mostFiles = 4 * ClientSession.maximumPromised
  /// Bytes that the options of one account's unfinished jobs may have: they stay in memory.
  static let mostOptions = 16 << 20

  private struct File {
    var holders = 0
    var jobs = 0
    let size: UInt64
  }

  private struct Account {
    var files: [Digest: File] = [:]
    /// Bytes of all of `files`, and of those that jobs need.
    var bytes: UInt64 = 0
    var needed: UInt64 = 0
    var held = 0
    var reserved: UInt64 = 0
    var reservations = 0
    var jobs = 0
    var options = 0

    var isEmpty: Bool { files.isEmpty && reservations == 0 && jobs == 0 }
    /// Bytes that count, with what the database has of the jobs.
    var taken: UInt64 {
      bytes + reserved + UInt64(options) + UInt64(jobs) * AccountBook.block
    }
  }

  private struct Job {
    let account: String
    let options: Int
    var files: Set<Digest> = []
  }

  private struct State {
    var limit: UInt64
    var reservations = 0
    var accounts: [String: Account] = [:]
    var jobs: [JobID: Job] = [:]
  }

  private let state: Mutex<State>

  private let uploads: (all: Int, perAccount: Int)

  /// Nobody has anything; each may have `limit` bytes, and uploads under way as the descriptors allow.
  init(limit: UInt64, descriptors: DescriptorBudget) {
    state = Mutex(State(limit: limit))
    uploads = (descriptors.uploads, descriptors.uploadsPerAccount)
  }

  /// Changes what each account may have from now on.
  func setLimit(_ bytes: UInt64) { state.withLock { $0.limit = bytes } }

  /// Sets bytes aside for an upload; returns how many the account may have beyond them.
  ///
  /// - Throws: `tooMany` where it has as many bytes or files as it may.
  func reserve(_ bytes: UInt64, of account: String) throws(CoordinatorError) -> UInt64 {
    let size = max(bytes, Self.block)
    return try state.withLock { state throws(CoordinatorError) in
      let limit = state.limit
      let entry = state.accounts[account, default: Account()]
      guard entry.held + entry.reservations < Self.mostFiles else {
        throw .tooMany(what: "files of one client that wait for a job", limit: Self.mostFiles)
      }
      guard entry.reservations < uploads.perAccount else {
        throw .tooMany(what: "uploads of one client under way", limit: uploads.perAccount)
      }
      guard state.reservations < uploads.all else {
        throw .tooMany(what: "uploads of all clients under way", limit: uploads.all)
      }
      let taken = entry.taken
      guard taken <= limit, size <= limit - taken else {
        throw .tooMany(
          what: "bytes of one client's uploads and unfinished jobs", limit: Int(clamping: limit))
      }
      state.accounts[account, default: Account()].reserved += size
      state.accounts[account]?.reservations += 1
      state.reservations += 1
      return limit - taken - size
    }
  }

  /// Undoes `reserve`.
  func giveBack(_ bytes: UInt64, of account: String) {
    change(account) { entry in
      entry.reserved -= min(entry.reserved, max(bytes, Self.block))
      entry.reservations -= 1
    }
    state.withLock { $0.reservations -= 1 }
  }

  /// One more key of an account keeps a file.
  func hold(_ digest: Digest, bytes: UInt64, of account: String) {
    change(account) { entry in
      Self.add(digest, bytes, to: &entry) { file, entry in
        if file.holders == 0 { entry.held += 1 }
        file.holders += 1
      }
    }
  }

  /// Undoes one `hold`.
  func letGo(_ digest: Digest, of account: String) {
    change(account) { entry in
      Self.remove(digest, from: &entry) { file, entry in
        file.holders -= 1
        if file.holders == 0 { entry.held -= 1 }
      }
    }
  }

  /// A job begins to count: its files, and the bytes of its options.
  func begin(_ job: JobID, of account: String, options: Int) {
    state.withLock { state in
      guard state.jobs[job] == nil else { return }
      state.jobs[job] = Job(account: account, options: options)
      state.accounts[account, default: Account()].jobs += 1
      state.accounts[account]?.options += options
    }
  }

  /// A job that counts needs more files.
  func add(_ files: [(digest: Digest, bytes: UInt64)], to job: JobID) {
    state.withLock { state in
      guard var entry = state.jobs[job] else { return }
      var account = Self.take(entry.account, from: &state)
      for (digest, bytes) in files where entry.files.insert(digest).inserted {
        Self.add(digest, bytes, to: &account) { file, account in
          if file.jobs == 0 { account.needed += file.size }
          file.jobs += 1
        }
      }
      state.accounts[entry.account] = account
      state.jobs[job] = entry
    }
  }

  /// A job counts no longer.
  func end(_ job: JobID) {
    state.withLock { state in
      guard let entry = state.jobs.removeValue(forKey: job) else { return }
      var account = Self.take(entry.account, from: &state)
      for digest in entry.files {
        Self.remove(digest, from: &account) { file, account in
          file.jobs -= 1
          if file.jobs == 0 { account.needed -= file.size }
        }
      }
      account.jobs -= 1
      account.options -= entry.options
      state.accounts[entry.account] = account.isEmpty ? nil : account
    }
  }

  /// Refuses a job with so many bytes of options of an account whose unfinished jobs have as many bytes as they may.
  func checkJob(options: Int, of account: String) throws(CoordinatorError) {
    let (limit, counted, needed, jobs) = state.withLock { state in
      let entry = state.accounts[account, default: Account()]
      return (state.limit, entry.options + options, entry.needed, entry.jobs)
    }
    guard counted <= Self.mostOptions else {
      throw .tooMany(
        what: "bytes of the options of one client's unfinished jobs", limit: Self.mostOptions)
    }
    guard jobs == 0 || needed + UInt64(counted) + UInt64(jobs + 1) * Self.block <= limit else {
      throw .tooMany(
        what: "bytes of one client's unfinished jobs", limit: Int(clamping: limit))
    }
  }

  /// An account, to be changed and put back: while it is there as well a change would copy all of its files.
  private static func take(_ account: String, from state: inout State) -> Account {
    state.accounts.removeValue(forKey: account) ?? Account()
  }

  private func change(_ account: String, _ body: (inout Account) -> Void) {
    state.withLock { state in
      var entry = Self.take(account, from: &state)
      body(&entry)
      state.accounts[account] = entry.isEmpty ? nil : entry
    }
  }

  private static func add(
    _ digest: Digest, _ bytes: UInt64, to account: inout Account,
    _ note: (inout File, inout Account) -> Void
  ) {
    var file = account.files[digest] ?? File(size: max(bytes, block))
    if account.files[digest] == nil { account.bytes += file.size }
    note(&file, &account)
    account.files[digest] = file
  }

  private static func remove(
    _ digest: Digest, from account: inout Account, _ note: (inout File, inout Account) -> Void
  ) {
    guard var file = account.files[digest] else { return }
    note(&file, &account)
    let isGone = file.holders == 0 && file.jobs == 0
    if isGone { account.bytes -= file.size }
    account.files[digest] = isGone ? nil : file
  }
}
