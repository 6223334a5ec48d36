#include "bot/platforms/mattermost/events.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/form.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bot/chat/commands.h"
#include "bot/chat/errors.h"
#include "bot/platforms/mattermost/api.h"

namespace bot::mattermost {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxWord = 200;
constexpr std::size_t kMostFiles = 20;
constexpr std::size_t kMostShared = 20;
constexpr std::size_t kMostOfThread = 45;

std::string text_of(const json& object, const char* key) {
  return base::json_string(object, key).value_or("");
}

std::string checked_id(std::string id, const char* what) {
  if (!is_id(id)) {
    throw chat::Refused(400, fmt::format("The call has no usable \"{}\".", what));
  }
  return id;
}

/// On one line: it stands before a person's words in what the model reads.
std::string name_of(const json& object, const char* key) {
  return base::ellipsize(base::one_line(text_of(object, key)), kMaxName);
}

/// All of them are compared, so that the time tells nothing.
bool is_known(const std::string& token, const std::vector<std::string>& tokens) {
  bool known = false;
  for (const auto& each : tokens) {
    known = base::constant_time_equal(token, each) || known;
  }
  return known && !token.empty();
}

/// "true" as text or as itself: it was either at times.
bool is_set(const json& props, const char* key) {
  return text_of(props, key) == "true" || base::json_bool(props, key).value_or(false);
}

bool is_from_program(const json& post, const Reader& reader) {
  const auto* props = base::json_member(post, "props");
  const bool by_rule = props != nullptr && (is_set(*props, "from_bot") || is_set(*props, "from_webhook") ||
                                            is_set(*props, "from_plugin"));
  return by_rule || text_of(post, "user_id") == reader.bot_user;
}

/// Every kind of post but these two tells of something: "system_join_channel" and so on.
bool is_from_person(const std::string& type) {
  return type.empty() || type == "me";
}

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return !word.empty() && base::ascii_lower(text.substr(0, word.size())) == base::ascii_lower(word) &&
         (text.size() == word.size() || !is_name_byte(text[word.size()]));
}

bool mentions(std::string_view text, const std::string& name) {
  const auto mention = "@" + name;
  for (auto at = text.find('@'); !name.empty() && at != std::string_view::npos; at = text.find('@', at + 1)) {
    if (starts_with_word(text.substr(at), mention) && (at == 0 || !is_name_byte(text[at - 1]))) {
      return true;
    }
  }
  return false;
}

/// The text behind the word by which the bot was called, where it begins with one.
std::optional<std::string_view> behind_call(std::string_view text, const Reader& reader,
                                            const Notice* notice) {
  auto words = reader.trigger_words;
  words.push_back("@" + reader.bot_name);
  if (notice != nullptr) {
    words.push_back(notice->trigger_word);
  }
  for (const auto& word : words) {
    if (word != "@" && starts_with_word(text, word)) {
      auto rest = base::trim(text.substr(word.size()));
      if (rest.starts_with(':') || rest.starts_with(',')) {
        rest = base::trim(rest.substr(1));
      }
      return rest;
    }
  }
  return std::nullopt;
}

/// Files are told of in the post's metadata (server/public/model/file_info.go).
std::vector<chat::Attachment> attachments_of(const json& post) {
  std::vector<chat::Attachment> attachments;
  const auto* metadata = base::json_member(post, "metadata");
  const auto* files = metadata == nullptr ? nullptr : base::json_member(*metadata, "files");
  if (files == nullptr || !files->is_array()) {
    return attachments;
  }
  for (const auto& file : *files) {
    chat::Attachment attachment;
    attachment.handle = text_of(file, "id");
    attachment.name = name_of(file, "name");
    attachment.media_type = name_of(file, "mime_type");
    const auto size = base::json_integer(file, "size");
    attachment.size = size && *size >= 0 ? size : std::nullopt;
    if (is_id(attachment.handle) && attachments.size() < kMostFiles) {
      attachments.push_back(std::move(attachment));
    }
  }
  return attachments;
}

/// What the server shows of links in the post: the post that is shared or linked to, or a page
/// (server/public/model/permalink.go, post_embed.go). The author of a post is told by id.
std::vector<chat::Quotation> quotations_of(const json& post, const Reader& reader) {
  std::vector<chat::Quotation> list;
  for (const auto& embed : base::json_list(base::json_object(post, "metadata"), "embeds")) {
    const auto& data = base::json_object(embed, "data");
    const auto& preview = base::json_object(data, "preview_post");
    const auto& shared = base::json_object(preview.empty() ? data : preview, "post");
    chat::Quotation quotation{chat::QuotationKind::shared, chat::WordsOf::others, {}, {}};
    if (text_of(embed, "type") == "permalink") {
      quotation.author = text_of(shared, "user_id");
      quotation.words_of = quotation.author.empty()                       ? chat::WordsOf::others
                           : quotation.author == reader.bot_user          ? chat::WordsOf::bot
                           : quotation.author == text_of(post, "user_id") ? chat::WordsOf::sender
                                                                          : chat::WordsOf::others;
      quotation.text = text_of(shared, "message");
    } else if (text_of(embed, "type") == "opengraph") {
      quotation.author = name_of(data, "site_name");
      for (const auto& line : {text_of(data, "title"), text_of(data, "description"), text_of(embed, "url")}) {
        quotation.text += (quotation.text.empty() || line.empty() ? "" : "\n") + line;
      }
    }
    quotation.text = base::strip_controls(quotation.text);
    if (!base::trim(quotation.text).empty() && list.size() < kMostShared) {
      list.push_back(std::move(quotation));
    }
  }
  return list;
}

}  // namespace

Notice read_notice(const base::HttpRequest& request, const std::vector<std::string>& tokens) {
  const auto type = base::ascii_lower(request.headers.get("Content-Type").value_or(""));
  const bool is_form = type.starts_with("application/x-www-form-urlencoded");
  const auto parsed = is_form ? std::optional(json::object()) : base::parse_json(request.body);
  if (!parsed || !parsed->is_object()) {
    throw chat::Refused(400, "The body is neither a form nor a JSON object in UTF-8.");
  }
  const auto field = [&](const char* name) {
    return is_form ? base::to_valid_utf8(base::form_field(request.body, name)) : text_of(*parsed, name);
  };
  if (!is_known(field("token"), tokens)) {
    throw chat::Refused(401, "The token is that of no outgoing webhook in webhook_token.");
  }
  return {checked_id(field("channel_id"), "channel_id"), checked_id(field("post_id"), "post_id"),
          std::string(base::truncate_utf8(base::one_line(field("trigger_word")), kMaxWord))};
}

std::optional<chat::IncomingMessage> read_post(const json& post, const Place& place, const Reader& reader,
                                               const Notice* notice) {
  if (!post.is_object() || !is_from_person(text_of(post, "type")) || is_from_program(post, reader) ||
      base::json_integer(post, "delete_at").value_or(0) != 0) {
    return std::nullopt;
  }
  chat::IncomingMessage incoming;
  incoming.external_id = checked_id(text_of(post, "id"), "id");
  incoming.user_id = checked_id(text_of(post, "user_id"), "user_id");
  incoming.chat_id = incoming.room = place.channel;
  const auto root = text_of(post, "root_id");
  const auto text = base::strip_controls(text_of(post, "message"));
  const auto trimmed = base::trim(text);
  const auto called = behind_call(trimmed, reader, notice);
  if (!place.is_direct) {
    // The answer goes below the post: what begins there is a conversation of its own.
    incoming.chat_id =
        chat::ChatAddress{place.channel, root.empty() ? incoming.external_id : checked_id(root, "root_id")}
            .text();
    incoming.place = chat::IncomingMessage::Place::group;
    const bool is_meant = notice != nullptr || called || mentions(trimmed, reader.bot_name);
    if (!is_meant && root.empty()) {
      return std::nullopt;
    }
    incoming.addressed = is_meant ? chat::IncomingMessage::Addressed::always
                                  : chat::IncomingMessage::Addressed::in_own_conversation;
  }
  incoming.text = called ? chat::with_slash(std::string(*called), chat::Bare::likely) : std::string(trimmed);
  incoming.attachments = attachments_of(post);
  incoming.quotations = quotations_of(post, reader);
  if (incoming.text.empty() && incoming.attachments.empty() && incoming.quotations.empty()) {
    if (!called) {
      return std::nullopt;
    }
    // Somebody only called the bot by its name.
    incoming.text = chat::with_slash("", chat::Bare::certain);
  }
  return incoming;
}

std::optional<chat::IncomingMessage> edit_of(const chat::IncomingMessage& message, const json& post) {
  const auto edited = base::json_integer(post, "edit_at").value_or(0);
  if (edited <= 0 || message.text.empty()) {
    return std::nullopt;
  }
  auto edit = message;
  edit.kind = chat::IncomingMessage::Kind::edit;
  edit.message_id = message.own_id();
  edit.external_id = fmt::format("{}:{}", message.external_id, edited);
  edit.attachments.clear();
  return edit;
}

std::vector<chat::Quotation> thread_before(const json& thread, const std::string& post,
                                           const chat::ReadsThreads::IsKnown& is_known,
                                           const std::string& bot_user) {
  const auto& posts = base::json_object(thread, "posts");
  const auto created = [&](const json& each) { return base::json_integer(each, "create_at").value_or(0); };
  const auto until = created(base::json_object(posts, post.c_str()));
  std::vector<json> earlier;
  for (const auto& each : posts) {
    if (until > 0 && created(each) < until && is_from_person(text_of(each, "type")) &&
        !is_known(text_of(each, "id")) && base::json_integer(each, "delete_at").value_or(0) == 0) {
      earlier.push_back(each);
    }
  }
  std::sort(earlier.begin(), earlier.end(),
            [&](const json& a, const json& b) { return created(a) < created(b); });
  if (earlier.size() > kMostOfThread) {  // how it began, and what was said last
    earlier.erase(earlier.begin() + 1, earlier.end() - static_cast<std::ptrdiff_t>(kMostOfThread) + 1);
  }
  std::vector<chat::Quotation> quotations;
  for (const auto& each : earlier) {
    auto text = base::strip_controls(text_of(each, "message"));
    if (base::trim(text).empty()) {
      text = attachments_of(each).empty() ? "" : store::kFilesOnly;
    }
    const auto user = text_of(each, "user_id");
    if (!text.empty()) {
      quotations.push_back({chat::QuotationKind::thread,
                            !user.empty() && user == bot_user ? chat::WordsOf::bot : chat::WordsOf::others,
                            user, text});
    }
  }
  return quotations;
}

std::string user_name_of(const json& user) {
  if (auto nickname = name_of(user, "nickname"); !nickname.empty()) {
    return nickname;
  }
  const auto full =
      std::string(base::trim(fmt::format("{} {}", name_of(user, "first_name"), name_of(user, "last_name"))));
  return full.empty() ? name_of(user, "username") : base::ellipsize(full, kMaxName);
}

}  // namespace bot::mattermost
