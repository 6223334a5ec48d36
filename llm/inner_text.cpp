#include "llm/inner_text.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/code_spans.h"
#include "base/thoughts.h"
#include "base/utf8.h"
#include "llm/bare_calls.h"
#include "llm/inner_marks.h"
#include "llm/written_calls.h"

namespace llm {
namespace {

using base::Folded;

bool is_call(const Folded& text, std::size_t at) {
  return call_at(text, at) != nullptr;
}

void take_calls(InnerText& inner, std::string_view body, const std::vector<std::string>& tools) {
  if (auto calls = read_written_calls(body, tools)) {
    std::move(calls->begin(), calls->end(), std::back_inserter(inner.calls));
  } else {
    inner.unread_call = true;
  }
}

/// What gpt-oss says, in channels: "final" is for people, a call names its tool behind "to=".
std::string without_channels(std::string_view text, InnerText& inner, const std::vector<std::string>& tools) {
  constexpr std::string_view kChannel = "<|channel|>", kMessage = "<|message|>";
  std::string out;
  text = base::trim(text);
  if (!text.starts_with(kChannel) && !text.starts_with("<|start|>")) {
    return std::string(text);
  }
  auto at = text.find(kChannel);
  while (at != std::string_view::npos) {
    const auto message = text.find(kMessage, at);
    const auto next = std::min(text.find(kChannel, at + 1), text.size());
    const auto head = text.substr(at, std::min(message, next) - at);
    auto body = message < next ? text.substr(message + kMessage.size(), next - message - kMessage.size())
                               : std::string_view();
    body = body.substr(0, body.find("<|"));
    if (head.find("final") != std::string_view::npos) {
      out += body;
    } else if (const auto to = head.find("to="); to != std::string_view::npos) {
      const auto name = head.substr(to + 3, head.find_first_of(" <", to) - to - 3);
      take_calls(inner, std::string(name) + " " + std::string(body), tools);
    }
    at = next == text.size() ? std::string_view::npos : next;
  }
  return out;
}

std::string without_marks_around(std::string_view whole) {
  const Folded text(whole);
  std::string out;
  for (std::size_t from = 0; from < text.written.size();) {
    std::size_t mark = 0;
    const auto at = base::find_outside_code(text, from, [&](std::size_t i) {
      mark = around_mark_at(text, i);
      return mark > 0;
    });
    out += text.written.substr(from, at - from);
    from = at == text.written.size() ? at : at + mark;
  }
  constexpr std::string_view kOpen = "<answer>", kClose = "</answer>";
  const auto trimmed = base::trim(out);
  const bool is_wrapped = trimmed.starts_with(kOpen) && trimmed.ends_with(kClose);
  return is_wrapped ? std::string(trimmed.substr(kOpen.size(), trimmed.size() - kOpen.size() - kClose.size()))
                    : out;
}

/// Up to the mark that ends the turn, and without the one that begins it.
std::string without_turn_marks(std::string_view whole) {
  auto begin = base::trim(whole);
  while (const auto mark = begin_mark_at_head(begin)) {
    begin = base::trim(begin.substr(mark));
  }
  const Folded text(begin);
  const auto end =
      base::find_outside_code(text, 0, [&](std::size_t at) { return end_mark_at(text, at) > 0; });
  auto visible = text.written.substr(0, end);
  constexpr std::string_view kEndOfSentence = "</s>";  // which in the middle of a text is HTML
  if (const auto trimmed = base::trim(visible);
      trimmed.ends_with(kEndOfSentence) && trimmed.find("<s>") == std::string_view::npos) {
    visible = trimmed.substr(0, trimmed.size() - kEndOfSentence.size());
  }
  return visible;
}

std::string without_calls(std::string_view whole, InnerText& inner, const std::vector<std::string>& tools) {
  const Folded text(whole);
  std::string out;
  for (std::size_t from = 0; from < text.written.size();) {
    const auto at = base::find_outside_code(text, from, [&](std::size_t i) { return is_call(text, i); });
    out += text.written.substr(from, at - from);
    if (at == text.written.size()) {
      break;
    }
    const auto* const call = call_at(text, at);
    // These two marks are part of what they open.
    const bool names = call->open.ends_with('=');
    const auto body = names ? at : at + call->open.size();
    const auto close = std::min(text.lower.find(call->close, body), text.lower.size());
    take_calls(inner, std::string_view(text.written).substr(body, close - body), tools);
    from = std::min(close + call->close.size(), text.written.size());
  }
  return out;
}

}  // namespace

InnerText read_inner_text(std::string_view text, const std::vector<std::string>& tools) {
  InnerText inner;
  auto visible = base::without_thoughts(without_channels(text, inner, tools), is_call);
  visible = without_marks_around(without_turn_marks(without_calls(visible, inner, tools)));
  auto bare = take_bare_calls(visible, tools);
  std::move(bare.calls.begin(), bare.calls.end(), std::back_inserter(inner.calls));
  inner.unread_call = inner.unread_call || bare.unread_call;
  inner.text = std::string(base::trim(bare.text));
  return inner;
}

}  // namespace llm
