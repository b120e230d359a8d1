/// What a channel still has to send: messages, parts of artifacts, and sealed bytes. Pure.
///
/// Bounded, so that a peer that does not read takes no memory: artifacts are read when there is room for a piece, and
/// what is waiting beyond the bounds ends the connection.
struct ChannelQueue {
  /// Something to be sent.
  enum Item {
    case message(Frame)
    case artifact(Digest, offset: UInt64, length: UInt64)
  }

  /// The most items that may wait.
  static let maximumItems = 4096
  /// The most payload bytes that may wait when something more is added.
  static let maximumBytes = 8 << 20
  /// Sealed bytes up to which the next item is sealed.
  static let lowWater = 256 << 10

  private var items: [Item] = []
  private var first = 0
  private var waiting = 0
  /// Sealed bytes that the operating system has not taken yet.
  private(set) var sealed: [UInt8] = []
  private(set) var sent = 0

  /// Whether nothing waits.
  var isEmpty: Bool { first == items.count && sent == sealed.count }

  /// Bytes that wait, sealed and not, but those of artifacts.
  var backlog: Int { waiting + sealed.count - sent }

  /// Adds an item; false where too much waits already.
  mutating func append(_ item: Item) -> Bool {
    guard items.count - first < Self.maximumItems, waiting <= Self.maximumBytes else {
      return false
    }
    items.append(item)
    waiting += Self.size(item)
    return true
  }

  /// The next item to be sealed, where there is room for it.
  mutating func next() -> Item? {
    guard sealed.count - sent < Self.lowWater, first < items.count else { return nil }
    let item = items[first]
    first += 1
    if first == items.count || first >= 64 {
      items.removeFirst(first)
      first = 0
    }
    waiting -= Self.size(item)
    return item
  }

  /// Puts back the rest of what `next` gave.
  mutating func putBack(_ item: Item) {
    items.insert(item, at: first)
    waiting += Self.size(item)
  }

  /// Adds sealed bytes.
  mutating func seal(_ bytes: [UInt8]) {
    if sent == sealed.count {
      sealed = bytes
      sent = 0
    } else {
      sealed += bytes
    }
  }

  /// The operating system took so many bytes.
  mutating func took(_ count: Int) {
    sent += count
    if sent == sealed.count {
      sealed = []
      sent = 0
    } else if sent >= Self.lowWater {
      sealed.removeFirst(sent)
      sent = 0
    }
  }

  private static func size(_ item: Item) -> Int {
    switch item {
    case .message(let frame): frame.payload.count
    case .artifact: 0
    }
  }
}
