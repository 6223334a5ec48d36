#include "llm/argument_pieces.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace llm {
namespace {

using nlohmann::json;

bool is_nothing(std::string_view piece) {
  const auto text = base::trim(piece);
  return text.empty() || text == "{}" || text == "null" || text == "\"\"";
}

std::optional<json> object_in(std::string_view text) {
  auto parsed = base::parse_json(base::joined_halves(text));
  return parsed && parsed->is_object() ? std::move(parsed) : std::nullopt;
}

/// Whether a value that a server has completed by itself is the beginning of the other one.
bool grows_into(const json& earlier, const json& later) {
  if (earlier.is_null()) {
    return true;
  }
  if (earlier.is_string() && later.is_string()) {
    return later.get_ref<const std::string&>().starts_with(earlier.get_ref<const std::string&>());
  }
  if (earlier.is_object() && later.is_object()) {
    const auto items = earlier.items();
    return std::all_of(items.begin(), items.end(), [&](const auto& member) {
      const auto* there = base::json_member(later, member.key().c_str());
      return there != nullptr && grows_into(member.value(), *there);
    });
  }
  if (earlier.is_array() && later.is_array()) {
    return earlier.size() <= later.size() &&
           std::equal(earlier.begin(), earlier.end(), later.begin(), grows_into);
  }
  return earlier == later;
}

}  // namespace

void ArgumentPieces::add(std::string_view piece) {
  text_ += piece;
  if (is_nothing(piece)) {
    return;
  }
  grows_ = grows_ && (last_.empty() || grow_to(piece));
  last_ = piece;
}

bool ArgumentPieces::grow_to(std::string_view piece) const {
  if (piece.starts_with(last_)) {
    return true;
  }
  const auto earlier = object_in(last_);
  const auto later = earlier ? object_in(piece) : std::nullopt;
  return later && grows_into(*earlier, *later);
}

std::string ArgumentPieces::joined() const {
  // An object can hold one that begins as it does, so that all pieces together are looked at first.
  return grows_ && last_.size() < text_.size() && !object_in(text_) && object_in(last_) ? last_ : text_;
}

bool ArgumentPieces::is_whole() const {
  const auto object = object_in(joined());
  return object && !object->empty();
}

}  // namespace llm
