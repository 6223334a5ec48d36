#include "router/conversation_window.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/utf8.h"

namespace router {
namespace {

constexpr std::size_t kLongestOldMessage = 8'000;

/// Of those who wrote; none where it was one person, whom nobody has to tell from others.
std::map<std::int64_t, std::string> names_of(const std::vector<store::Message>& messages,
                                             store::People& people) {
  std::map<std::int64_t, std::string> names;
  for (const auto& m : messages) {
    if (m.person) {
      names.try_emplace(m.person->value);
    }
  }
  if (names.size() < 2) {
    return {};
  }
  for (auto& [id, shown] : names) {
    const auto person = people.get({id});
    const auto name = base::one_line(person.name);
    shown = name.empty() ? base::one_line(person.user_id) : name;
  }
  return names;
}

}  // namespace

std::vector<llm::ChatMessage> conversation_window(std::vector<store::Message> messages, store::People& people,
                                                  std::size_t max_bytes, const Pictures& pictures) {
  const auto names = names_of(messages, people);
  struct MessagePart {
    llm::Role role;
    std::string text;
    std::vector<llm::Image> images;
  };
  std::vector<MessagePart> pieces;
  pieces.reserve(messages.size());
  std::size_t bytes = 0;
  for (auto it = messages.rbegin(); it != messages.rend(); ++it) {
    const bool last = it == messages.rbegin();
    if (base::trim(it->text).empty()) {
      continue;
    }
    const auto most = last ? max_bytes / 2 : kLongestOldMessage;
    auto text = it->text.size() <= most ? std::move(it->text) : base::keep_ends(it->text, most);
    if (!names.empty() && it->person) {
      text = names.at(it->person->value) + ": " + text;
    }
    if (!last && bytes + text.size() > max_bytes) {
      break;
    }
    bytes += text.size();
    const auto shown = pictures.find(it->id);
    pieces.push_back({it->author == store::Author::user ? llm::Role::user : llm::Role::assistant,
                      std::move(text), shown == pictures.end() ? std::vector<llm::Image>() : shown->second});
  }
  std::reverse(pieces.begin(), pieces.end());

  std::vector<llm::ChatMessage> window;
  window.reserve(pieces.size());
  for (auto& piece : pieces) {
    if (window.empty() && piece.role == llm::Role::assistant) {
      continue;
    }
    if (window.empty() || window.back().role != piece.role) {
      window.push_back({piece.role, {}});
    }
    auto& content = window.back().content;
    if (auto* const before = content.empty() ? nullptr : std::get_if<llm::Text>(&content.back())) {
      before->text += "\n\n" + piece.text;
    } else {
      content.emplace_back(llm::Text{std::move(piece.text)});
    }
    for (auto& image : piece.images) {
      content.emplace_back(std::move(image));
    }
  }
  return window;
}

}  // namespace router
