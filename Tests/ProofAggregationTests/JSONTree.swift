import Foundation

import ProofAggregation

/// JSON that can be written wrongly: members have an order, and a key may stand twice.
indirect enum JSONTree: Equatable {
  /// A number or a word, as it is written.
  case word(String)
  case string(String)
  case array([JSONTree])
  case object([Member])
  /// JSON inside a string.
  case embedded(JSONTree)

  struct Member: Equatable {
    var key: String
    var value: JSONTree
  }

  /// One step into a tree.
  enum Step: Hashable, CustomStringConvertible {
    case member(String)
    case element(Int)

    var description: String {
      switch self {
      case .member(let key): ".\(key)"
      case .element(let index): "[\(index)]"
      }
    }
  }

  /// Reads a document; a string of a member called `recipe` is read as well.
  init(_ data: Data) throws { self.init(try StrictJSON(data), key: "") }

  private init(_ json: StrictJSON, key: String) {
    switch json {
    case .null: self = .word("null")
    case .bool(let value): self = .word("\(value)")
    case .number(let text): self = .word(text)
    case .string(let text):
      if key == "recipe", let inner = try? StrictJSON(text.utf8) {
        self = .embedded(JSONTree(inner, key: ""))
      } else {
        self = .string(text)
      }
    case .array(let elements): self = .array(elements.map { JSONTree($0, key: "") })
    case .object(let members):
      self = .object(
        members.sorted { $0.key < $1.key }.map {
          Member(key: $0.key, value: JSONTree($0.value, key: $0.key))
        })
    }
  }

  /// The text of the tree.
  var text: String {
    switch self {
    case .word(let text): text
    case .string(let text): Self.quoted(text)
    case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.key) + ":" + $0.value.text }.joined(separator: ",") + "}"
    case .embedded(let tree): Self.quoted(tree.text)
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// The tree at a path, nil if there is none.
  subscript(path: ArraySlice<Step>) -> JSONTree? {
    if case .embedded(let tree) = self, !path.isEmpty { return tree[path] }
    guard let step = path.first else { return self }
    switch (self, step) {
    case (.array(let elements), .element(let index)) where elements.indices.contains(index):
      return elements[index][path.dropFirst()]
    case (.object(let members), .member(let key)):
      return members.first { $0.key == key }?.value[path.dropFirst()]
    default: return nil
    }
  }

  /// The tree with another one at a path that exists.
  func replacing(_ path: ArraySlice<Step>, by other: JSONTree) -> JSONTree {
    if case .embedded(let tree) = self, !path.isEmpty {
      return .embedded(tree.replacing(path, by: other))
    }
    guard let step = path.first else { return other }
    switch (self, step) {
    case (.array(var elements), .element(let index)):
      elements[index] = elements[index].replacing(path.dropFirst(), by: other)
      return .array(elements)
    case (.object(var members), .member(let key)):
      let place = members.firstIndex { $0.key == key }!
      members[place].value = members[place].value.replacing(path.dropFirst(), by: other)
      return .object(members)
    default: return self
    }
  }

  /// Every path, parents before children; of long lists only some elements unless all are wanted.
  func paths(all: Bool, _ prefix: [Step] = []) -> [[Step]] {
    var found = [prefix]
    switch self {
    case .word, .string: break
    case .embedded(let tree): found += tree.paths(all: all, prefix).dropFirst()
    case .array(let elements):
      for index in elements.indices
      where all || elements.count <= 4 || [0, 1, elements.count - 1].contains(index) {
        found += elements[index].paths(all: all, prefix + [.element(index)])
      }
    case .object(let members):
      for member in members {
        found += member.value.paths(all: all, prefix + [.member(member.key)])
      }
    }
    return found
  }
}

extension [JSONTree.Step] {
  /// The path without the indices of lists, such as `groups[].proof`.
  var pattern: String {
    var text = ""
    for step in self {
      switch step {
      case .member(let key): text += (text.isEmpty ? "" : ".") + key
      case .element: text += "[]"
      }
    }
    return text
  }
}

/// A changed tree and what was changed.
struct Mutant {
  var path: [JSONTree.Step]
  var change: String
  var tree: JSONTree

  var description: String { "\(path.map(\.description).joined()): \(change)" }

  /// Every change of every field of a tree, driven by the tree alone.
  ///
  /// - Parameter others: other honest documents, whose fields take the place of this one's.
  static func all(
    of tree: JSONTree, others: [(name: String, tree: JSONTree)], everyElement: Bool
  ) -> [Mutant] {
    tree.paths(all: everyElement).flatMap { path -> [Mutant] in
      let node = tree[path[...]]!
      var found = values(instead: node).map { change, value in
        Mutant(path: path, change: change, tree: tree.replacing(path[...], by: value))
      }
      for (name, other) in others {
        if let value = other[path[...]], value != node {
          found.append(
            Mutant(
              path: path, change: "that of \(name)", tree: tree.replacing(path[...], by: value)))
        }
      }
      return found
    }
  }

  private static func values(instead node: JSONTree) -> [(String, JSONTree)] {
    var found: [(String, JSONTree)] = [
      ("null", .word("null")), ("true", .word("true")), ("an empty list", .array([])),
      ("an empty object", .object([])), ("a list of it", .array([node])),
    ]
    switch node {
    case .embedded(let tree):
      found += [("not in a string", tree), ("an empty string", .string(""))]
      found += values(instead: tree).filter { $0.1 != tree }.map {
        ("inside: \($0.0)", JSONTree.embedded($0.1))
      }
    case .word(let text):
      found += [("a string", .string(text))]
      if let number = Double(text) {
        var numbers = [
          "0", "-0", "-1", "1", "2147483648", "4611686018427387904", "9223372036854775807",
          "-9223372036854775808", "18446744073709551616", "1e308", "0.5", "1e999",
        ]
        if number.magnitude < 0x1p52 {
          numbers += ["\(number + 1)", "\(number - 1)", "\(2 * number)", "\(number / 2)"].map {
            $0.hasSuffix(".0") ? String($0.dropLast(2)) : $0
          }
        }
        found += numbers.map { ("the number \($0)", .word($0)) }
      } else {
        found += [("false", .word("false")), ("the number 1", .word("1"))]
      }
    case .string(let text):
      found += [
        ("an empty string", .string("")), ("a number", .word("7")),
        ("a space after it", .string(text + " ")), ("capitals", .string(text.uppercased())),
        ("a digit more", .string("0" + text)), ("a digit less", .string(String(text.dropLast()))),
        ("another last digit", .string(text.dropLast() + (text.hasSuffix("1") ? "2" : "1"))),
        ("public", .string("public")), ("hashed", .string("hashed")),
        ("private", .string("private")),
      ]
    case .array(let elements):
      found += [("reversed", .array(elements.reversed()))]
      if let first = elements.first {
        found += [
          ("without the first", .array(Array(elements.dropFirst()))),
          ("without the last", .array(elements.dropLast())),
          ("the first twice", .array([first] + elements)),
          ("the last twice", .array(elements + [elements.last!])),
          ("the first for all", .array(elements.map { _ in first })),
          ("rotated", .array(elements.dropFirst() + [first])),
        ]
      }
    case .object(let members):
      found += [("an unknown member", .object(members + [.init(key: "extra", value: .word("1"))]))]
      for place in members.indices {
        var without = members
        without.remove(at: place)
        let key = members[place].key
        found += [
          ("without \(key)", .object(without)),
          ("\(key) twice", .object(members + [members[place]])),
        ]
      }
    }
    return found.filter { $0.1 != node }
  }
}
