#include "bot/platforms/slack/thread.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/platforms/slack/events.h"
#include "bot/platforms/slack/quoted.h"
#include "bot/platforms/slack/text.h"

namespace bot::slack {
namespace {

using nlohmann::json;

constexpr const char* kPageSize = "200";
constexpr int kMostPages = 5;
constexpr std::size_t kMostMessages = 45;
constexpr std::size_t kShortestId = 3;
constexpr int kMostNames = 30;

bool is_id_byte(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_word_byte(char c) {
  return is_id_byte(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-' || c == '.';
}

/// What one message of the thread says, or no text.
chat::Quotation said(const json& message, const std::string& bot_user,
                     const std::function<std::string(const std::string& user)>& name_of) {
  chat::Quotation quotation;
  quotation.kind = chat::QuotationKind::thread;
  quotation.text = base::trim(base::strip_controls(decode_text(base::json_text(message, "text"))));
  for (const auto& shared : quotations_of(message, bot_user)) {
    quotation.text += (quotation.text.empty() ? "" : "\n") + shared.author + ": " + shared.text;
  }
  if (quotation.text.empty() && !base::json_list(message, "files").empty()) {
    quotation.text = store::kFilesOnly;
  }
  const auto user = base::json_text(message, "user");
  quotation.words_of = !bot_user.empty() && user == bot_user ? chat::WordsOf::bot : chat::WordsOf::others;
  quotation.author = user_name_of(base::json_object(message, "user_profile"));
  if (quotation.author.empty()) {
    quotation.author = user.empty() ? base::one_line(base::json_text(message, "username")) : name_of(user);
  }
  if (quotation.author.empty()) {
    quotation.author = base::one_line(user);
  }
  return quotation;
}

}  // namespace

std::vector<chat::Quotation> thread_before(const WebApi& api, const chat::ChatAddress& thread,
                                           const std::string& ts, const chat::ReadsThreads::IsKnown& is_known,
                                           const std::string& bot_user,
                                           const std::function<std::string(const std::string& user)>& name_of,
                                           std::stop_token stop) {
  std::vector<json> messages;
  std::string cursor;
  for (int page = 0; page < kMostPages; ++page) {
    WebApi::Arguments arguments = {
        {"channel", thread.chat}, {"ts", thread.thread}, {"latest", ts}, {"limit", kPageSize}};
    if (!cursor.empty()) {
      arguments.emplace_back("cursor", cursor);
    }
    const auto answer = api.ask("conversations.replies", arguments, stop);
    for (const auto& message : base::json_list(answer, "messages")) {
      // The first message of a thread comes with every page.
      if (const auto at = base::json_text(message, "ts");
          at < ts && (page == 0 || at != thread.thread) && !is_known(at)) {
        messages.push_back(message);
      }
    }
    cursor = base::json_text(base::json_object(answer, "response_metadata"), "next_cursor");
    if (cursor.empty()) {
      break;
    }
  }
  if (messages.size() > kMostMessages) {  // how it began, and what was said last
    messages.erase(messages.begin() + 1, messages.end() - static_cast<std::ptrdiff_t>(kMostMessages) + 1);
  }
  std::vector<chat::Quotation> quotations;
  for (const auto& message : messages) {
    if (auto quotation = said(message, bot_user, name_of); !quotation.text.empty()) {
      quotations.push_back(std::move(quotation));
    }
  }
  return quotations;
}

std::string with_names(const std::string& text,
                       const std::function<std::string(const std::string& user)>& name_of) {
  std::string out;
  int asked = 0;
  for (std::size_t at = 0; at < text.size();) {
    const bool begins = text[at] == '@' && (at == 0 || !is_word_byte(text[at - 1])) && at + 1 < text.size() &&
                        (text[at + 1] == 'U' || text[at + 1] == 'W');
    auto end = at + 1;
    while (begins && end < text.size() && is_id_byte(text[end])) {
      ++end;
    }
    const bool is_id =
        end - at > kShortestId && (end == text.size() || !is_word_byte(text[end]) || text[end] == '.');
    const auto name =
        is_id && ++asked <= kMostNames ? name_of(text.substr(at + 1, end - at - 1)) : std::string();
    out += name.empty() ? text.substr(at, end - at) : "@" + name;
    at = end;
  }
  return out;
}

}  // namespace bot::slack
