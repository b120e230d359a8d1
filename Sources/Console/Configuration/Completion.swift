/// A shell that completes command lines.
package enum CompletionShell: String, CaseIterable, Sendable {
  case bash, zsh, fish
}

extension Program {
  /// A script that completes commands, their options and files; made from what the program declares.
  package func completion(for shell: CompletionShell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  /// A name that shells take for a function.
  private var function: String { "_" + name.replacing("-", with: "_") }

  /// The words that may follow each beginning of a command's path: what was typed, and what comes next.
  private var nextWords: [(typed: String, words: [String])] {
    var found: [(typed: String, words: [String])] = [("", [])]
    for command in commands {
      for depth in command.path.indices {
        let typed = command.path[..<depth].joined(separator: " ")
        let place =
          found.firstIndex { $0.typed == typed }
          ?? {
            found.append((typed, []))
            return found.count - 1
          }()
        if !found[place].words.contains(command.path[depth]) {
          found[place].words.append(command.path[depth])
        }
      }
    }
    return found
  }

  private func options(of command: Command) -> [String] {
    let own = command.options.filter { !$0.hidden }.map { "--" + $0.name }
    return own + (command.readsConfiguration ? ["--config", Self.noConfigurationFlag] : []) + [
      "--help"
    ]
  }

  private var bash: String {
    var text = """
      # bash completion for \(name)
      \(function)() {
        local current="${COMP_WORDS[COMP_CWORD]}" typed="" next="" options="" word
        for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
          case "$word" in -*) break ;; esac
          typed="$typed${typed:+ }$word"
        done

      """
    text += "  case \"$typed\" in\n"
    for (typed, words) in nextWords {
      text +=
        "    \(typed.isEmpty ? "''" : "'\(typed)'")) next='\(words.joined(separator: " "))' ;;\n"
    }
    text += "  esac\n  case \"$typed\" in\n"
    // The longest path first: 'job show' is not 'job' with an argument.
    for command in commands.sorted(by: { $0.path.count > $1.path.count }) {
      let options = options(of: command).joined(separator: " ")
      text += "    '\(command.name)' | '\(command.name) '*) options='\(options)' ;;\n"
    }
    return text + """
        esac
        if [[ "$current" == -* ]]; then
          COMPREPLY=($(compgen -W "$options" -- "$current"))
        elif [[ -n "$next" ]]; then
          COMPREPLY=($(compgen -W "$next" -- "$current"))
        fi
        if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
          compopt -o default 2>/dev/null
        fi
      }
      complete -F \(function) \(name)

      """
  }

  private var zsh: String {
    """
    #compdef \(name)
    # The words are bash's.
    autoload -U +X bashcompinit && bashcompinit
    \(bash)
    """
  }

  private var fish: String {
    var text = "# fish completion for \(name)\ncomplete -c \(name) -f\n"
    func quoted(_ text: String) -> String {
      "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
    for (typed, words) in nextWords {
      let condition =
        typed.isEmpty
        ? "__fish_use_subcommand"
        : "__fish_seen_subcommand_from \(typed); and not __fish_seen_subcommand_from "
          + words.joined(separator: " ")
      for word in words {
        let path = (typed.isEmpty ? [] : [typed]) + [word]
        let summary = commands.first { $0.name == path.joined(separator: " ") }?.summary ?? ""
        text += "complete -c \(name) -n \(quoted(condition)) -a \(word) -d \(quoted(summary))\n"
      }
    }
    for command in commands {
      let condition = command.path.map { "__fish_seen_subcommand_from \($0)" }
        .joined(separator: "; and ")
      for option in command.options where !option.hidden {
        let value = option.placeholder == nil ? "" : " -r -F"
        text +=
          "complete -c \(name) -n \(quoted(condition)) -l \(option.name)\(value) -d \(quoted(option.help))\n"
      }
      if !command.positionals.isEmpty {
        text += "complete -c \(name) -n \(quoted(condition)) -F\n"
      }
    }
    return text
  }
}
