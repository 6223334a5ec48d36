#include "bot/platforms/telegram/content.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace bot::telegram {
namespace {

using base::json_integer;
using base::json_member;
using base::json_string;
using nlohmann::json;

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxAddress = 2'048;
constexpr std::size_t kMostListed = 100;
constexpr std::int64_t kMaxUnits = 1 << 20;
/// What people send each other and bots are not shown, in a Message of the Bot API 9.
constexpr const char* kUnreadable[] = {"story", "paid_media", "giveaway", "giveaway_winners"};

/// A title or the like, on one line.
std::string line_of(const json& object, const char* key) {
  return base::one_line(json_string(object, key).value_or(""));
}

void add_file(std::vector<chat::Attachment>& files, const json& file, const std::string& name,
              const std::string& type) {
  if (const auto handle = json_string(file, "file_id")) {
    files.push_back({*handle, json_string(file, "file_name").value_or(name),
                     json_string(file, "mime_type").value_or(type), json_integer(file, "file_size")});
  }
}

/// "[poll: Lunch?" and a line for each option or task.
std::string listed(const char* kind, const std::string& title, const json& items, const char* bullet) {
  auto text = fmt::format("[{}: {}", kind, title);
  std::size_t count = 0;
  for (const auto& item : items.is_array() ? items : json::array()) {
    const bool done = json_integer(item, "completion_date").value_or(0) > 0;
    if (++count <= kMostListed) {
      text += fmt::format("\n{}{}", done ? "- [x] " : bullet, line_of(item, "text"));
    }
  }
  return text + "]";
}

/// The byte at which so many UTF-16 units of the text end.
std::size_t byte_of_unit(const std::string& text, std::int64_t units) {
  std::size_t i = 0;
  for (std::int64_t unit = 0; i < text.size() && unit < units;) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unit += bytes == 4 ? 2 : 1;
    i += bytes;
  }
  return std::min(i, text.size());
}

/// The bytes [first, second) that an entity covers; nothing where it covers none.
std::pair<std::size_t, std::size_t> bytes_of(const std::string& text, const json& entity) {
  const auto offset = json_integer(entity, "offset").value_or(-1);
  const auto length = json_integer(entity, "length").value_or(-1);
  if (offset < 0 || length < 0 || offset > kMaxUnits || length > kMaxUnits) {
    return {0, 0};
  }
  return {byte_of_unit(text, offset), byte_of_unit(text, offset + length)};
}

/// What a chat is called, with who signed there.
std::string name_of_chat(const json& chat, const json& signature_of) {
  auto name = line_of(chat, "title");
  if (name.empty()) {
    name = name_of(chat);
  }
  const auto signature = line_of(signature_of, "author_signature");
  return signature.empty() ? name : base::ellipsize(fmt::format("{} in {}", signature, name), kMaxName);
}

/// Where words come from: a MessageOrigin, or its older form in the message itself.
struct Origin {
  std::string name;
  std::string user_id;  ///< empty where it is no user whose id is told
};

Origin origin_of(const json& origin) {
  const auto& user = member(origin, "sender_user");
  if (user.is_object()) {
    return {name_of(user), id_of(user)};
  }
  if (auto hidden = line_of(origin, "sender_user_name"); !hidden.empty()) {
    return {base::ellipsize(hidden, kMaxName), {}};
  }
  const auto& chat = member(origin, "sender_chat");
  return {name_of_chat(chat.is_object() ? chat : member(origin, "chat"), origin), {}};
}

bool is_forwarded(const json& message) {
  return member(message, "forward_origin").is_object() || member(message, "forward_from").is_object() ||
         member(message, "forward_from_chat").is_object() || message.contains("forward_sender_name") ||
         message.contains("forward_date");
}

Origin forwarded_from(const json& message) {
  if (const auto& origin = member(message, "forward_origin"); origin.is_object()) {
    return origin_of(origin);
  }
  if (const auto& user = member(message, "forward_from"); user.is_object()) {
    return {name_of(user), id_of(user)};
  }
  if (const auto& chat = member(message, "forward_from_chat"); chat.is_object()) {
    return {name_of_chat(chat, json()), {}};
  }
  return {base::ellipsize(line_of(message, "forward_sender_name"), kMaxName), {}};
}

/// Who said what stands in a message, whoever brought it there.
Origin said_by(const json& message) {
  if (is_forwarded(message)) {
    return forwarded_from(message);
  }
  const auto& bot = member(message, "via_bot");
  const auto& chat = member(message, "sender_chat");
  const auto& from = member(message, "from");
  return bot.is_object()    ? Origin{name_of(bot), {}}
         : chat.is_object() ? Origin{name_of_chat(chat, message), {}}
                            : Origin{name_of(from), id_of(from)};
}

/// All that a message says, in words.
std::string told_text(const json& message) {
  auto text = base::strip_controls(readable(words_of(message), entities_of(message)));
  if (base::trim(text).empty()) {
    text = base::strip_controls(wordless(message));
  }
  if (base::trim(text).empty() && !attachments_of(message).empty()) {
    text = store::kFilesOnly;
  }
  return text.empty() && is_unreadable(message) ? store::kNotTold : text;
}

/// The quotations of one message. Thread rule: one thread.
class Collector {
 public:
  Collector(const json& message, const Self& self) : message_(message), self_(self) {}

  std::vector<chat::Quotation> all() {
    if (is_brought(message_)) {
      add(is_forwarded(message_) ? chat::QuotationKind::forward : chat::QuotationKind::shared,
          said_by(message_), told_text(message_));
    }
    const auto& original = member(message_, "reply_to_message");
    const auto& part = member(message_, "quote");
    const auto cited =
        base::strip_controls(readable(json_string(part, "text").value_or(""), member(part, "entities")));
    // In a topic every message is a reply to the one that opened it.
    if (original.is_object() && !original.contains("forum_topic_created")) {
      add_reply(said_by(original), told_text(original), cited);
    } else if (const auto& elsewhere = member(message_, "external_reply"); elsewhere.is_object()) {
      const auto text = told_text(elsewhere);
      add_reply(origin_of(member(elsewhere, "origin")),
                text.empty() && cited.empty() ? store::kNotTold : text, cited);
    }
    if (const auto& story = member(message_, "reply_to_story"); story.is_object()) {
      add(chat::QuotationKind::reply, {name_of_chat(member(story, "chat"), json()), {}}, store::kNotTold);
    }
    return std::move(list_);
  }

 private:
  void add(chat::QuotationKind kind, const Origin& by, const std::string& text) {
    if (base::trim(text).empty()) {
      return;
    }
    const bool bot = !by.user_id.empty() && by.user_id == self_.id;
    const bool sender = !by.user_id.empty() && by.user_id == id_of(member(message_, "from"));
    list_.push_back({kind,
                     bot      ? chat::WordsOf::bot
                     : sender ? chat::WordsOf::sender
                              : chat::WordsOf::others,
                     by.name, text});
  }
  void add_reply(const Origin& by, const std::string& text, const std::string& cited) {
    if (base::trim(text) != base::trim(cited)) {
      add(chat::QuotationKind::reply, by, text);
    }
    add(chat::QuotationKind::quote, by, cited);
  }

  const json& message_;
  const Self& self_;
  std::vector<chat::Quotation> list_;
};

}  // namespace

const json& member(const json& object, const char* key) {
  static const json nothing;
  const auto* value = json_member(object, key);
  return value != nullptr ? *value : nothing;
}

std::string id_of(const json& object, const char* key) {
  const auto id = json_integer(object, key);
  return id ? std::to_string(*id) : std::string();
}

std::string name_of(const json& user) {
  auto name = json_string(user, "first_name").value_or("");
  if (const auto last = json_string(user, "last_name").value_or(""); !last.empty()) {
    name += " " + last;
  }
  if (base::one_line(name).empty()) {
    name = json_string(user, "username").value_or("");
  }
  return base::ellipsize(base::one_line(name), kMaxName);
}

std::string words_of(const json& message) {
  auto text = json_string(message, "text");
  return text ? *std::move(text) : json_string(message, "caption").value_or("");
}

const json& entities_of(const json& message) {
  return member(message, json_string(message, "text") ? "entities" : "caption_entities");
}

std::string entity_text(const std::string& text, const json& entity) {
  const auto [begin, end] = bytes_of(text, entity);
  return text.substr(begin, end - begin);
}

std::string readable(const std::string& text, const json& entities) {
  struct Link {
    std::size_t end;
    std::string address;
  };
  static const auto nothing = json::array();
  std::vector<Link> links;
  for (const auto& entity : entities.is_array() ? entities : nothing) {
    auto address = line_of(entity, "url");
    const auto label = entity_text(text, entity);
    const bool told = label.empty() || address.find(base::trim(label)) != std::string::npos;
    if (line_of(entity, "type") == "text_link" && !address.empty() && address.size() <= kMaxAddress &&
        !told) {
      links.push_back({bytes_of(text, entity).second, std::move(address)});
    }
  }
  std::stable_sort(links.begin(), links.end(), [](const Link& a, const Link& b) { return a.end < b.end; });
  std::string out;
  std::size_t from = 0;
  for (const auto& link : links) {
    out += text.substr(from, link.end - from) + fmt::format(" ({})", link.address);
    from = link.end;
  }
  return out + text.substr(from);
}

std::vector<chat::Attachment> attachments_of(const json& message) {
  std::vector<chat::Attachment> files;
  const auto number = id_of(message, "message_id");
  if (const auto& photos = member(message, "photo"); photos.is_array() && !photos.empty()) {
    // The same picture in several sizes, the largest last.
    add_file(files, photos.back(), "photo-" + number + ".jpg", "image/jpeg");
  }
  // An animation comes as a document, too.
  add_file(files, member(message, "document"), "document-" + number, "");
  add_file(files, member(message, "audio"), "audio-" + number + ".mp3", "audio/mpeg");
  add_file(files, member(message, "video"), "video-" + number + ".mp4", "video/mp4");
  add_file(files, member(message, "voice"), "voice-" + number + ".ogg", "audio/ogg");
  add_file(files, member(message, "video_note"), "video-" + number + ".mp4", "video/mp4");
  return files;
}

std::string wordless(const json& message) {
  if (const auto& sticker = member(message, "sticker"); sticker.is_object()) {
    return fmt::format("[sticker {}]", json_string(sticker, "emoji").value_or("without a name"));
  }
  if (const auto& venue = member(message, "venue"); venue.is_object()) {
    const auto& place = member(venue, "location");
    return fmt::format("[venue: {}, {} (latitude {}, longitude {})]", line_of(venue, "title"),
                       line_of(venue, "address"), base::json_number(place, "latitude").value_or(0),
                       base::json_number(place, "longitude").value_or(0));
  }
  if (const auto& place = member(message, "location"); place.is_object()) {
    return fmt::format("[location: latitude {}, longitude {}]",
                       base::json_number(place, "latitude").value_or(0),
                       base::json_number(place, "longitude").value_or(0));
  }
  if (const auto& contact = member(message, "contact"); contact.is_object()) {
    return fmt::format("[contact: {} {}]", name_of(contact),
                       json_string(contact, "phone_number").value_or(""));
  }
  if (const auto& dice = member(message, "dice"); dice.is_object()) {
    return fmt::format("[dice: {}]", json_integer(dice, "value").value_or(0));
  }
  if (const auto& poll = member(message, "poll"); poll.is_object()) {
    return listed("poll", line_of(poll, "question"), member(poll, "options"), "- ");
  }
  if (const auto& list = member(message, "checklist"); list.is_object()) {
    return listed("checklist", line_of(list, "title"), member(list, "tasks"), "- [ ] ");
  }
  for (const char* kind : {"game", "invoice"}) {
    if (const auto& thing = member(message, kind); thing.is_object()) {
      return fmt::format("[{}: {}. {}]", kind, line_of(thing, "title"), line_of(thing, "description"));
    }
  }
  return {};
}

bool is_unreadable(const json& message) {
  return message.is_object() && std::any_of(std::begin(kUnreadable), std::end(kUnreadable),
                                            [&](const char* kind) { return message.contains(kind); });
}

bool is_brought(const json& message) {
  return is_forwarded(message) || member(message, "via_bot").is_object();
}

const json& replied_to(const json& message, const Self& self) {
  static const json nothing;
  const auto& original = member(message, "reply_to_message");
  const bool counts = original.is_object() && id_of(member(original, "from")) != self.id &&
                      !original.contains("forum_topic_created");
  return counts ? original : nothing;
}

std::vector<chat::Quotation> quotations_of(const json& message, const Self& self) {
  return Collector(message, self).all();
}

}  // namespace bot::telegram
