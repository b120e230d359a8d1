import Varuna

/// What snarkVM 4.12 admits in a program and in a transaction.
public enum AleoLimits {
  /// Elements of one array.
  public static let arrayElements = 2048
  /// Circuits of one `snark.verify.batch`.
  public static let circuits = 32
  /// Instances of one `snark.verify.batch`, all circuits together.
  public static let instances = 128
  /// Inputs of one function.
  public static let functionInputs = 16
  /// Functions of one program.
  public static let functions = 31
  /// Members of one struct.
  public static let structMembers = 32
  /// Characters of a program's text.
  public static let programCharacters = 2_048_000
  /// Bytes of a transaction.
  public static let transactionBytes = 2_304_000
  /// Microcredits that one transaction may spend.
  public static let spendMicrocredits = 4_000_000
  /// Characters of a program's name, without `.aleo`.
  public static let nameCharacters = 31

  /// How many instances each of `circuits` circuits may have so that their proof fits an array: 8, 3, 1 for one,
  /// two, three circuits; 0 where no proof fits.
  public static func instances(ofEachOf circuits: Int) -> Int {
    guard (1...Self.circuits).contains(circuits) else { return 0 }
    let room = arrayElements - Proof.size(circuits: circuits, instances: 0)
    let each = Proof.size(circuits: 0, instances: circuits) - Proof.size(circuits: 0, instances: 0)
    return max(0, min(room / each, instances / circuits))
  }
}

/// A number that an Aleo network limits.
public struct AleoMeasure: Codable, Equatable, Sendable {
  /// What is counted.
  public var name: String
  /// How much there is.
  public var value: Int
  /// How much there may be.
  public var limit: Int

  /// Whether the limit is kept.
  public var isKept: Bool { value <= limit }
}

/// Why something cannot go on chain.
public enum AleoError: Error, Equatable, CustomStringConvertible {
  /// A limit of the network, what was counted against it, and what would help.
  case limit(AleoMeasure, remedy: String)
  /// A group's circuits have unequal numbers of instances, which `snark.verify.batch` cannot take.
  case notRectangular(group: Int, instances: [Int])
  /// The name cannot be a program's.
  case badName(String, reason: String)
  /// The program would say something else than the proof document.
  case unusable(String)

  /// One line for a person.
  public var description: String {
    switch self {
    case .limit(let measure, let remedy):
      "\(measure.name): \(measure.value), Aleo's limit is \(measure.limit); \(remedy)"
    case .notRectangular(let group, let instances):
      "group \(group) has circuits of \(instances) instances, but snark.verify.batch takes equal "
        + "numbers only; prove with --target aleo-mainnet or aleo-testnet, which forms such groups"
    case .badName(let name, let reason):
      "'\(name)' cannot be the name of an Aleo program: \(reason)"
    case .unusable(let reason):
      reason
    }
  }
}
