#include "bot/platforms/discord/content.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace bot::discord {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMostShown = 50;
constexpr int kDeepest = 6;

// https://docs.discord.com/developers/components/reference
constexpr int kTextDisplay = 10;
constexpr int kThumbnail = 11;
constexpr int kMediaGallery = 12;

void add_line(std::string& text, const std::string& line) {
  if (!base::trim(line).empty()) {
    text += text.empty() ? line : "\n" + line;
  }
}

/// "name: value" where both are there.
std::string pair_of(const std::string& name, const std::string& value) {
  return base::trim(name).empty() || base::trim(value).empty() ? name + value : name + ": " + value;
}

void add_embed(std::string& text, const json& embed) {
  add_line(text, text_member(base::json_object(embed, "author"), "name"));
  add_line(text, text_member(embed, "title"));
  add_line(text, text_member(embed, "description"));
  for (const auto& field : base::json_list(embed, "fields")) {
    add_line(text, pair_of(text_member(field, "name"), text_member(field, "value")));
  }
  add_line(text, text_member(base::json_object(embed, "footer"), "text"));
}

/// The texts in components, however they are nested; what one can press says nothing.
void add_component(std::string& text, const json& component, int depth) {
  if (depth > kDeepest) {
    return;
  }
  const auto type = base::json_integer(component, "type").value_or(0);
  if (type == kTextDisplay) {
    add_line(text, text_member(component, "content"));
  } else if (type == kThumbnail) {
    add_line(text, text_member(component, "description"));
  } else if (type == kMediaGallery) {
    for (const auto& item : base::json_list(component, "items")) {
      add_line(text, text_member(item, "description"));
    }
  }
  for (const auto& inner : base::json_list(component, "components")) {
    add_component(text, inner, depth + 1);
  }
  if (const auto& accessory = base::json_object(component, "accessory"); !accessory.empty()) {
    add_component(text, accessory, depth + 1);
  }
}

std::string readable(const json& message) {
  std::string text;
  add_line(text, text_member(message, "content"));
  for (const auto& embed : base::json_list(message, "embeds")) {
    add_embed(text, embed);
  }
  for (const auto& component : base::json_list(message, "components")) {
    add_component(text, component, 0);
  }
  if (const auto& poll = base::json_object(message, "poll"); !poll.empty()) {
    add_line(text, text_member(base::json_object(poll, "question"), "text"));
    for (const auto& answer : base::json_list(poll, "answers")) {
      add_line(text, "- " + text_member(base::json_object(answer, "poll_media"), "text"));
    }
  }
  for (const auto& sticker : base::json_list(message, "sticker_items")) {
    add_line(text, fmt::format("[sticker {}]", text_member(sticker, "name")));
  }
  if (text.empty() && !base::json_list(message, "attachments").empty()) {
    text = store::kFilesOnly;
  }
  return std::string(base::trim(text));
}

/// The messages that it passes on; Discord does not tell whose they are.
std::vector<json> passed_on(const json& message) {
  std::vector<json> list;
  for (const auto& snapshot : base::json_list(message, "message_snapshots")) {
    if (list.size() < kMostShown) {
      list.push_back(base::json_object(snapshot, "message"));
    }
  }
  return list;
}

}  // namespace

std::string text_member(const json& parent, const char* key) {
  return base::strip_controls(base::json_string(parent, key).value_or(""));
}

std::string name_of(const json& user) {
  auto name = text_member(user, "global_name");
  if (base::one_line(name).empty()) {
    name = text_member(user, "username");
  }
  return base::ellipsize(base::one_line(name), kMaxName);
}

std::vector<chat::Quotation> quotations_of(const json& message, const std::string& asking,
                                           const std::string& bot) {
  std::vector<chat::Quotation> list;
  const auto add = [&](chat::QuotationKind kind, const json& author, const std::string& text) {
    const auto id = base::json_text(author, "id");
    const auto words_of = id.empty()     ? chat::WordsOf::others
                          : id == bot    ? chat::WordsOf::bot
                          : id == asking ? chat::WordsOf::sender
                                         : chat::WordsOf::others;
    if (!text.empty()) {
      list.push_back({kind, words_of, name_of(author), text});
    }
  };
  const auto& answered = base::json_object(message, "referenced_message");
  add(chat::QuotationKind::reply, base::json_object(answered, "author"), readable(answered));
  add(chat::QuotationKind::quote, base::json_object(message, "author"), readable(message));
  for (const auto& each : passed_on(message)) {
    add(chat::QuotationKind::forward, json::object(), readable(each));
  }
  return list;
}

std::vector<json> files_of(const json& message) {
  std::vector<json> files;
  const auto add = [&files](const json& holder) {
    for (const auto& file : base::json_list(holder, "attachments")) {
      files.push_back(file);
    }
  };
  add(message);
  for (const auto& each : passed_on(message)) {
    add(each);
  }
  return files;
}

}  // namespace bot::discord
