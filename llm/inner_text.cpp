#include "llm/inner_text.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/code_spans.h"
#include "base/thoughts.h"
#include "base/utf8.h"
#include "llm/bare_calls.h"
#include "llm/written_calls.h"

namespace llm {
namespace {

using base::Folded;

struct Marks {
  std::string_view open, close;
  bool only_before_json = false;  ///< the word is too common to be a mark elsewhere
};

/// Without a mark at its end, a call goes on to the end of the text.
constexpr Marks kCalls[] = {{"<tool_call>", "</tool_call>"},
                            {"<tool_calls>", "</tool_calls>"},
                            {"<tool_use>", "</tool_use>"},
                            {"<toolcall>", "</toolcall>"},
                            {"<function_call>", "</function_call>"},
                            {"<function_calls>", "</function_calls>"},
                            {"<minimax:tool_call>", "</minimax:tool_call>"},
                            {"<invoke name=", "</invoke>"},
                            {"<function=", "</function>"},
                            {"<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"},
                            {"<|tool_call_begin|>", "<|tool_call_end|>"},
                            {"<|tool_call|>", "<|/tool_call|>"},
                            {"<|tool_call>", "<tool_call|>"},
                            {"<|start_action|>", "<|end_action|>"},
                            {"<|tool_call_start|>", "<|tool_call_end|>"},
                            {"<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"},
                            {"<｜tool▁call▁begin｜>", "<｜tool▁call▁end｜>"},
                            {"<tools>", "</tools>", true},
                            {"<tool>", "</tool>", true},
                            {"<tool_code>", "</tool_code>"},
                            {"<function>", "</function>", true},
                            {"<functions>", "</functions>", true},
                            {"<call>", "</call>", true},
                            {"<action>", "</action>", true},
                            {"[tool_request]", "[end_tool_request]"},
                            {"[tool_calls]", "</s>"},
                            {"<|python_tag|>", "<|eom_id|>"}};

/// Where a turn ends in the formats of models. What follows is made up.
constexpr std::string_view kEnds[] = {"<|im_end|>",
                                      "<|eot_id|>",
                                      "<|end_of_text|>",
                                      "<|endoftext|>",
                                      "<|eom_id|>",
                                      "<end_of_turn>",
                                      "<|end_of_turn|>",
                                      "<|return|>",
                                      "<｜end▁of▁sentence｜>",
                                      "<|im_start|>",
                                      "<|start_header_id|>",
                                      "<start_of_turn>",
                                      "<|end_of_turn_token|>",
                                      "<turn|>"};

/// Around what is meant for people, or in front of it.
constexpr std::string_view kAround[] = {
    "<|start_response|>",    "<|end_response|>",       "<|start_text|>",   "<|end_text|>",
    "<|begin_of_solution|>", "<|end_of_solution|>",    "<|begin_of_box|>", "<|end_of_box|>",
    "<|chatbot_token|>",     "<|start_of_turn_token|>"};

constexpr std::string_view kBegins[] = {"<|im_start|>assistant",
                                        "<|start_header_id|>assistant<|end_header_id|>",
                                        "<start_of_turn>model", "<|turn>model", "<|assistant|>"};

bool begins_json(std::string_view text, std::size_t at) {
  const auto begin = text.find_first_not_of(" \t\r\n", at);
  return begin != std::string_view::npos && (text[begin] == '{' || text[begin] == '[');
}

const Marks* call_at(const Folded& text, std::size_t at) {
  const auto* const found = std::find_if(std::begin(kCalls), std::end(kCalls), [&](const Marks& m) {
    return text.has(m.open, at) && (!m.only_before_json || begins_json(text.written, at + m.open.size()));
  });
  return found == std::end(kCalls) ? nullptr : found;
}

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
    const std::string_view* mark = nullptr;
    const auto at = base::find_outside_code(text, from, [&](std::size_t i) {
      mark = std::find_if(std::begin(kAround), std::end(kAround),
                          [&](std::string_view around) { return text.has(around, i); });
      return mark != std::end(kAround);
    });
    out += text.written.substr(from, at - from);
    from = at == text.written.size() ? at : at + mark->size();
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
  for (const auto mark : kBegins) {
    if (begin.starts_with(mark)) {
      begin = base::trim(begin.substr(mark.size()));
    }
  }
  const Folded text(begin);
  const auto end = base::find_outside_code(text, 0, [&](std::size_t at) {
    return std::any_of(std::begin(kEnds), std::end(kEnds),
                       [&](std::string_view mark) { return text.has(mark, at); });
  });
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
