#include <algorithm>
#include <functional>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "bot/cli/command_description.h"

namespace bot::cli {
namespace {

/// "/log/list" and the command; the program itself stands under "".
using Visit = std::function<void(const std::string& path, const CommandDescription& command)>;

void visit_all(const CommandDescription& command, const std::string& path, const Visit& visit) {
  visit(path, command);
  for (const auto& below : command.commands) {
    visit_all(below, path + "/" + below.name, visit);
  }
}

std::vector<std::string> paths_of(const CommandDescription& program) {
  std::vector<std::string> paths;
  visit_all(program, "", [&](const std::string& path, const auto&) {
    if (!path.empty()) {
      paths.push_back(path);
    }
  });
  return paths;
}

std::string identifier(const std::string& text) {
  auto name = "_" + text;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '/'; }, '_');
  return name;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

/// In single quotes, for sh and zsh.
std::string quoted(const std::string& text) {
  return "'" + replaced(text, "'", R"('\'')") + "'";
}

std::vector<std::string> option_names(const CommandDescription& command) {
  std::vector<std::string> names;
  for (const auto& option : command.options) {
    if (!option.is_argument) {
      names.insert(names.end(), option.names.begin(), option.names.end());
    }
  }
  return names;
}

// --- bash

std::string bash_value(const OptionDescription& option) {
  return option.takes_file()       ? R"(mapfile -t COMPREPLY < <(compgen -f -- "$cur"))"
         : !option.choices.empty() ? fmt::format(R"(mapfile -t COMPREPLY < <(compgen -W {} -- "$cur"))",
                                                 quoted(fmt::format("{}", fmt::join(option.choices, " "))))
                                   : "COMPREPLY=()";
}

/// What may follow an option of each command, and what may stand anywhere else.
void bash_cases(const CommandDescription& program, std::string& values, std::string& words) {
  visit_all(program, "", [&](const std::string& path, const CommandDescription& command) {
    auto all = option_names(command);
    for (const auto& below : command.commands) {
      all.push_back(below.name);
    }
    std::string files;
    for (const auto& option : command.options) {
      all.insert(all.end(), option.choices.begin(),
                 option.is_argument ? option.choices.end() : option.choices.begin());
      files = option.is_argument && option.takes_file() ? "; files=1" : files;
      for (const auto& name : option.names) {
        if (!option.is_argument && !option.value.empty()) {
          values += fmt::format("    {})\n      {}\n      return\n      ;;\n", quoted(path + " " + name),
                                bash_value(option));
        }
      }
    }
    words += fmt::format("    {}) words={}{} ;;\n", quoted(path),
                         quoted(fmt::format("{}", fmt::join(all, " "))), files);
  });
}

std::string bash_script(const CommandDescription& program) {
  std::string values;
  std::string words;
  bash_cases(program, values, words);
  return fmt::format(R"(
{0}() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD - 1]}} command="" words="" files="" word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $command/$word in
    {1}) command+=/$word ;;
    esac
  done
  case "$command $prev" in
{2}  esac
  case $command in
{3}  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  if [[ -n $files && $cur != -* ]]; then
    mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -f -- "$cur")
  fi
}}
complete -o filenames -F {0} {4}
)",
                     identifier(program.name), fmt::join(paths_of(program), " | "), values, words,
                     program.name);
}

// --- zsh

/// A text in the brackets of _arguments.
std::string zsh_text(const std::string& text) {
  return replaced(replaced(replaced(replaced(text, "\\", "\\\\"), "[", "\\["), "]", "\\]"), ":", "\\:");
}

std::string zsh_action(const OptionDescription& option) {
  return option.takes_file()      ? "_files"
         : option.choices.empty() ? " "
                                  : fmt::format("({})", fmt::join(option.choices, " "));
}

void zsh_option(std::string& script, const OptionDescription& option) {
  for (const auto& name : option.names) {
    script += " \\\n    ";
    if (option.is_argument) {
      script +=
          quoted(fmt::format("{}:{}:{}", option.required ? "" : ":", zsh_text(name), zsh_action(option)));
    } else if (option.value.empty()) {
      script += quoted(fmt::format("{}[{}]", name, zsh_text(option.what)));
    } else {
      script += quoted(fmt::format("{}[{}]:{}:{}", name, zsh_text(option.what), zsh_text(option.value),
                                   zsh_action(option)));
    }
  }
}

std::string zsh_functions(const CommandDescription& program) {
  std::string script;
  visit_all(program, "", [&](const std::string& path, const CommandDescription& command) {
    const auto function = identifier(program.name + path + "/arguments");
    script += fmt::format("\n{}() {{\n  local -a commands\n  local state line\n  _arguments -C", function);
    for (const auto& option : command.options) {
      zsh_option(script, option);
    }
    if (!command.commands.empty()) {
      script += " \\\n    '1: :->command' \\\n    '*:: :->rest'";
    }
    script += "\n";
    if (!command.commands.empty()) {
      script += "  case $state in\n    command)\n      commands=(\n";
      for (const auto& below : command.commands) {
        script += "        " + quoted(below.name + ":" + replaced(below.what, ":", "\\:")) + "\n";
      }
      script += "      )\n      _describe command commands\n      ;;\n    rest)\n      case $words[1] in\n";
      for (const auto& below : command.commands) {
        script += fmt::format("        {}) {} ;;\n", below.name,
                              identifier(program.name + path + "/" + below.name + "/arguments"));
      }
      script += "      esac\n      ;;\n  esac\n";
    }
    script += "}\n";
  });
  return script;
}

// --- fish

std::string fish_quoted(const std::string& text) {
  return "'" + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
}

std::string fish_value(const OptionDescription& option) {
  return option.takes_file()      ? " -r -F"
         : option.choices.empty() ? " -x"
                                  : fmt::format(" -x -a '{}'", fmt::join(option.choices, " "));
}

std::string fish_option(const OptionDescription& option) {
  std::string line;
  if (option.is_argument) {
    return option.takes_file()      ? " -F"
           : option.choices.empty() ? ""
                                    : fmt::format(" -a '{}'", fmt::join(option.choices, " "));
  }
  for (const auto& name : option.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  return line + (option.value.empty() ? "" : fish_value(option)) + " -d " + fish_quoted(option.what);
}

std::string fish_script(const CommandDescription& program) {
  const auto function = "_" + identifier(program.name) + "_at";
  auto script = fmt::format(R"(
function {0}
    set -l at ''
    for word in (commandline -opc)[2..]
        switch "$at/$word"
            case {1}
                set at "$at/$word"
        end
    end
    test "$at" = "$argv[1]"
end
complete -c {2} -f
)",
                            function, fmt::join(paths_of(program), " "), program.name);
  visit_all(program, "", [&](const std::string& path, const CommandDescription& command) {
    const auto line =
        fmt::format("complete -c {} -n {}", program.name, fish_quoted(function + " '" + path + "'"));
    for (const auto& option : command.options) {
      if (const auto described = fish_option(option); !described.empty()) {
        script += line + described + "\n";
      }
    }
    for (const auto& below : command.commands) {
      script += line + " -a " + below.name + " -d " + fish_quoted(below.what) + "\n";
    }
  });
  return script;
}

}  // namespace

bool OptionDescription::takes_file() const {
  const auto& word = is_argument ? names.front() : value;
  return word == "FILE" || word == "PAGE" || word == "PICTURE";
}

std::string completion(const std::string& shell, const std::vector<CommandDescription>& programs) {
  std::string script;
  std::string names;
  for (const auto& program : programs) {
    names += " " + program.name;
    script += shell == "bash"  ? bash_script(program)
              : shell == "zsh" ? zsh_functions(program)
                               : fish_script(program);
  }
  const auto made = fmt::format("# Made by `{} completion {}`.\n", programs.front().name, shell);
  if (shell != "zsh") {
    return made + script;
  }
  return "#compdef" + names + "\n" + made + script + "\n\"_${service//-/_}_arguments\" \"$@\"\n";
}

}  // namespace bot::cli
