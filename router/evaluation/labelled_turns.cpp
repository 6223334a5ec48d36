#include "router/evaluation/labelled_turns.h"

#include <fstream>
#include <map>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "router/scoring/own_words.h"

namespace router {
namespace {

/// What is wrong with a line.
struct Wrong {
  std::string what;
};

std::string needed_text(const nlohmann::json& json, const char* key) {
  const auto text = base::json_string(json, key);
  if (!text) {
    throw Wrong{fmt::format("\"{}\" is missing or no string", key)};
  }
  return *text;
}

/// A name, which may be written as a number; empty where there is none.
std::string name_of(const nlohmann::json& json, const char* key) {
  const auto* const member = base::json_member(json, key);
  if (member == nullptr || member->is_null()) {
    return {};
  }
  if (!member->is_string() && !member->is_number_integer()) {
    throw Wrong{fmt::format("\"{}\" must be a string or a whole number", key)};
  }
  return member->is_string() ? member->get<std::string>() : member->dump();
}

/// Empty where there is none.
nlohmann::json list_of(const nlohmann::json& json, const char* key) {
  const auto* const member = base::json_member(json, key);
  if (member == nullptr || member->is_null()) {
    return nlohmann::json::array();
  }
  if (!member->is_array()) {
    throw Wrong{fmt::format("\"{}\" must be a list", key)};
  }
  return *member;
}

Label label_of(const std::string& name) {
  if (name == "secretary") {
    return Label::secretary;
  }
  if (name == "specialist") {
    return Label::specialist;
  }
  if (name == "either") {
    return Label::either;
  }
  throw Wrong{fmt::format("\"label\" is \"{}\"; write secretary, specialist or either", name)};
}

std::optional<SecretarySignal> signal_of(const nlohmann::json& json) {
  const auto* const member = base::json_member(json, "secretary");
  if (member == nullptr) {
    return std::nullopt;
  }
  SecretarySignal signal;
  signal.logprob = base::json_number(*member, "logprob");
  if (base::json_bool(*member, "called").value_or(false)) {
    const auto* const number = base::json_member(*member, "confidence");
    signal.called = parse_confidence(
        number != nullptr && number->is_number() ? number->dump() : base::json_text(*member, "confidence"));
    if (!signal.called) {
      throw Wrong{"\"secretary.confidence\" must be low, medium or high where \"called\" is true"};
    }
  }
  return signal;
}

LabelledTurn turn_of(const nlohmann::json& json) {
  if (!json.is_object()) {
    throw Wrong{"it is no JSON object"};
  }
  LabelledTurn turn;
  turn.id = name_of(json, "id");
  turn.text = needed_text(json, "text");
  turn.label = label_of(needed_text(json, "label"));
  turn.pair = name_of(json, "pair");
  for (const auto& tag : list_of(json, "tags")) {
    if (!tag.is_string()) {
      throw Wrong{"\"tags\" must be a list of strings"};
    }
    turn.tags.push_back(tag.get<std::string>());
  }
  for (const auto& said : list_of(json, "thread")) {
    const auto role = base::json_text(said, "role");
    if (role != "user" && role != "assistant") {
      throw Wrong{fmt::format("\"thread\" has the role \"{}\"; write user or assistant", role)};
    }
    turn.thread.push_back({role == "user", needed_text(said, "text")});
  }
  turn.secretary = signal_of(json);
  return turn;
}

}  // namespace

std::vector<LabelledTurn> read_labelled_turns(std::istream& in, const std::string& name) {
  std::vector<LabelledTurn> turns;
  std::map<std::string, int> lines;  // by id
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (base::trim(line).empty()) {
      continue;
    }
    const auto json = base::parse_json(line);
    try {
      if (!json) {
        throw Wrong{"it is no JSON"};
      }
      turns.push_back(turn_of(*json));
      const auto& id = turns.back().id;
      if (const auto [known, fresh] = lines.emplace(id, number); !fresh && !id.empty()) {
        throw Wrong{fmt::format("the id \"{}\" is that of line {}, too", id, known->second)};
      }
    } catch (const Wrong& wrong) {
      throw base::ConfigError(fmt::format("{}, line {}: {}", name, number, wrong.what));
    }
  }
  if (turns.empty()) {
    throw base::ConfigError(fmt::format("{}: there are no labelled turns in it", name));
  }
  return turns;
}

std::vector<LabelledTurn> read_labelled_turns(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    throw base::ConfigError(fmt::format("{}: no such file, or it cannot be read", file.string()));
  }
  return read_labelled_turns(in, file.string());
}

ScoredText scored_text(const LabelledTurn& turn) {
  ScoredText text{own_words(turn.text).text};
  for (const auto& said : turn.thread) {
    (said.by_user ? text.user_before : text.assistant_before) = said.text;
  }
  return text;
}

}  // namespace router
