#include "bot/platforms/slack/quoted.h"

#include <initializer_list>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/platforms/slack/text.h"

namespace bot::slack {
namespace {

using nlohmann::json;

constexpr std::size_t kMostShared = 20;
constexpr std::size_t kMaxName = 256;
constexpr int kDeepest = 8;

std::string words(const json& object, const char* key) {
  return std::string(base::trim(base::strip_controls(decode_text(base::json_text(object, key)))));
}

std::string first_of(const json& object, std::initializer_list<const char*> keys) {
  for (const auto* key : keys) {
    if (auto text = words(object, key); !text.empty()) {
      return text;
    }
  }
  return {};
}

void add_line(std::string& text, const std::string& line) {
  text += line.empty() || text.empty() ? line : "\n" + line;
}

/// The texts in blocks, however they are nested: a person's are rich text, an app's are of many kinds.
void add_blocks(std::string& out, const json& block, int depth) {
  if (depth > kDeepest) {
    return;
  }
  if (block.is_array()) {
    for (const auto& item : block) {
      add_blocks(out, item, depth + 1);
    }
    return;
  }
  const auto type = base::json_text(block, "type");
  const auto text = base::strip_controls(decode_text(base::json_text(block, "text")));
  out += type == "user" ? "@" + base::json_text(block, "user_id") : text;
  out += type == "link" && text.empty() ? base::json_text(block, "url") : "";
  for (const char* key : {"text", "message", "blocks", "fields", "elements"}) {
    const auto* inner = base::json_member(block, key);
    if (inner != nullptr && (inner->is_object() || inner->is_array())) {
      add_blocks(out, *inner, depth + 1);
    }
  }
  out +=
      (type == "section" || type == "header" || type.starts_with("rich_text_")) && !out.empty() ? "\n" : "";
}

std::string shared_text(const json& attachment) {
  auto text = words(attachment, "text");
  if (const auto* blocks = base::json_member(attachment, "message_blocks");
      text.empty() && blocks != nullptr) {
    add_blocks(text, *blocks, 0);
    text = base::trim(text);
  }
  if (const auto* files = base::json_member(attachment, "files");
      text.empty() && files != nullptr && files->is_array() && !files->empty()) {
    return store::kFilesOnly;
  }
  return text.empty() ? words(attachment, "fallback") : text;
}

/// The preview of a link, or what an app shows.
std::string card_text(const json& attachment) {
  std::string text;
  for (const char* key : {"pretext", "title", "text"}) {
    add_line(text, words(attachment, key));
  }
  for (const auto& field : base::json_list(attachment, "fields")) {
    const auto title = words(field, "title");
    add_line(text, title.empty() ? words(field, "value") : title + ": " + words(field, "value"));
  }
  if (const auto* blocks = base::json_member(attachment, "blocks"); text.empty() && blocks != nullptr) {
    add_blocks(text, *blocks, 0);
    text = base::trim(text);
  }
  if (text.empty()) {
    text = words(attachment, "fallback");
  }
  if (!text.empty()) {
    add_line(text, words(attachment, "from_url"));
  }
  return text;
}

bool is_shared_message(const json& attachment) {
  return base::json_bool(attachment, "is_share").value_or(false) ||
         base::json_bool(attachment, "is_msg_unfurl").value_or(false);
}

}  // namespace

std::vector<json> shared_messages(const json& message) {
  std::vector<json> shared;
  for (const auto& attachment : base::json_list(message, "attachments")) {
    if (is_shared_message(attachment) && shared.size() < kMostShared) {
      shared.push_back(attachment);
    }
  }
  return shared;
}

std::vector<chat::Quotation> quotations_of(const json& message, const std::string& bot_user) {
  std::vector<chat::Quotation> list;
  const auto sender = base::json_text(message, "user");
  for (const auto& attachment : base::json_list(message, "attachments")) {
    const bool shared = is_shared_message(attachment);
    chat::Quotation quotation{
        chat::QuotationKind::shared, chat::WordsOf::others,
        base::ellipsize(base::one_line(first_of(
                            attachment, {"author_name", "author_subname", "service_name", "author_id"})),
                        kMaxName),
        shared ? shared_text(attachment) : card_text(attachment)};
    const auto author = base::json_text(attachment, "author_id");
    if (shared && !author.empty()) {
      quotation.words_of = author == bot_user ? chat::WordsOf::bot
                           : author == sender ? chat::WordsOf::sender
                                              : chat::WordsOf::others;
    }
    if (!quotation.text.empty() && list.size() < kMostShared) {
      list.push_back(std::move(quotation));
    }
  }
  return list;
}

}  // namespace bot::slack
