/// A parsed command line: values of options, flags, arguments by place, and the rest after `--`.
package struct Arguments: Equatable, Sendable {
  private(set) var values: [String: [String]] = [:]
  private(set) var flags: Set<String> = []
  /// Who set each option that is set.
  package private(set) var sources: [String: OptionSource] = [:]
  /// The arguments by place, one list per group; most commands have one group.
  package private(set) var groups: [[String]] = [[]]
  /// Reads environment and configuration file again for the same command line; for services that are told to.
  package internal(set) var reread = Reread()
  /// Everything after `--`.
  package private(set) var rest: [String] = []

  /// Reads the words that follow the command's name; options that they leave out have their defaults.
  package init(
    parsing words: [String], for command: Command, defaults: OptionDefaults = OptionDefaults()
  ) throws(UsageError) {
    var index = words.startIndex
    while index < words.endIndex {
      let word = words[index]
      index += 1
      if word == "--" {
        if command.acceptsGroups {
          groups.append([])
          continue
        }
        rest = Array(words[index...])
        break
      }
      guard word.hasPrefix("-"), word != "-" else {
        let isOpen = command.positionals.last?.repeated == true
        guard isOpen || groups[groups.count - 1].count < command.positionals.count else {
          throw .unexpectedArgument(word)
        }
        groups[groups.count - 1].append(word)
        continue
      }
      try readOption(word, following: words, at: &index, command)
    }
    if !rest.isEmpty, !command.acceptsRest { throw .unexpectedArgument(rest[0]) }
    for option in command.options where sources[option.name] == nil {
      if let (value, source) = defaults.setting(of: option, in: command) {
        try fill(option, with: value, from: source)
      }
    }
    for option in command.options where option.required && values[option.name] == nil {
      throw .missingOption("--\(option.name) \(option.placeholder ?? "")")
    }
    let needed = command.positionals.prefix { !$0.optional }.count
    for group in groups where group.count < needed {
      throw .missingArgument(command.positionals[group.count].name)
    }
  }

  /// The options of a command that environment and file set, as if nothing had been typed.
  init(defaults: OptionDefaults, for command: Command) throws(UsageError) {
    for option in command.options {
      if let (value, source) = defaults.setting(of: option, in: command) {
        try fill(option, with: value, from: source)
      }
    }
  }

  private mutating func fill(
    _ option: CommandOption, with value: ConfiguredValue, from source: OptionSource
  ) throws(UsageError) {
    switch (value, option.placeholder) {
    case (.flag(let isSet), nil):
      if isSet { flags.insert(option.name) }
    case (.text(let text), nil):
      // The environment knows texts only.
      guard let isSet = ["1": true, "true": true, "0": false, "false": false][text] else {
        throw .invalidValue(name: "\(source)", value: text, expected: "1, true, 0 or false")
      }
      if isSet { flags.insert(option.name) }
    case (.text(let text), _): values[option.name] = [text]
    case (.list(let texts), _): values[option.name] = texts
    case (.flag(let isSet), _):
      throw .invalidValue(
        name: "\(source): \(option.name)", value: "\(isSet)", expected: option.placeholder ?? "")
    }
    sources[option.name] = source
  }

  private mutating func readOption(
    _ word: String, following words: [String], at index: inout Int, _ command: Command
  ) throws(UsageError) {
    let pieces = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let typed = String(pieces[0])
    guard let option = command.options.first(where: { "--" + $0.name == typed }) else {
      let known = command.options.filter { !$0.hidden }.map { "--" + $0.name }
      throw .unknownOption(typed, suggestion: nearest(typed, among: known))
    }
    guard let placeholder = option.placeholder else {
      guard pieces.count == 1 else { throw .unexpectedValue(flag: typed) }
      flags.insert(option.name)
      sources[option.name] = .commandLine
      return
    }
    let value: String
    if pieces.count == 2 {
      value = String(pieces[1])
    } else {
      guard index < words.endIndex, !words[index].hasPrefix("--") else {
        throw .missingValue(option: typed, expected: placeholder)
      }
      value = words[index]
      index += 1
    }
    if values[option.name] != nil, !option.repeated { throw .repeatedOption(typed) }
    values[option.name, default: []].append(value)
    sources[option.name] = .commandLine
  }

  /// The arguments by place of the first group.
  package var positionals: [String] { groups[0] }

  /// Whether a flag is given.
  package func has(_ flag: String) -> Bool { flags.contains(flag) }

  /// The argument at a place, or nil if it was left out.
  package func positional(_ place: Int) -> String? {
    place < positionals.count ? positionals[place] : nil
  }

  /// The value of an option as typed.
  package func string(_ name: String) -> String? { values[name]?.first }

  /// All values of a repeated option.
  package func strings(_ name: String) -> [String] { values[name] ?? [] }

  /// A decimal number inside a range.
  package func int(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = string(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw .invalidValue(
        name: "--\(name)", value: text,
        expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A number of bytes such as `4G`, `512MiB` or `1000000`.
  package func bytes(_ name: String) throws(UsageError) -> Int? {
    guard let text = string(name) else { return nil }
    guard let count = Human.parseBytes(text) else {
      throw .invalidValue(
        name: "--\(name)", value: text, expected: "a size such as 512M or 4G")
    }
    return count
  }

  /// A time such as `90s`, `15m`, `24h` or `7d`, in seconds: at most so many, and ten years anyway.
  package func duration(
    _ name: String, upTo most: Int = 10 * 366 * 86_400
  ) throws(UsageError) -> Int? {
    guard let text = string(name) else { return nil }
    guard let seconds = Human.parseDuration(text), seconds <= most else {
      throw .invalidValue(
        name: "--\(name)", value: text,
        expected: "a duration such as 90s, 15m, 24h or 7d, at most \(Human.duration(Double(most)))")
    }
    return seconds
  }

  /// One word of a fixed set.
  package func choice(_ name: String, of words: [String]) throws(UsageError) -> String? {
    guard let text = string(name) else { return nil }
    guard words.contains(text) else {
      throw .invalidValue(
        name: "--\(name)", value: text, expected: "one of " + words.joined(separator: ", "))
    }
    return text
  }
}

/// How a command's arguments are made again; two of them are never told apart.
package struct Reread: Equatable, Sendable {
  private let make: @Sendable () throws -> Arguments?

  init(_ make: @escaping @Sendable () throws -> Arguments? = { nil }) { self.make = make }

  /// The arguments as they would be if the command began now; nil where nothing but the command line sets them.
  package func callAsFunction() throws -> Arguments? { try make() }

  package static func == (_: Reread, _: Reread) -> Bool { true }
}
