#include "llm/inner_marks.h"

#include <algorithm>
#include <iterator>

namespace llm {
namespace {

using base::Folded;

constexpr CallMarks kCalls[] = {{"<tool_call>", "</tool_call>"},
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

template <std::size_t N>
std::size_t size_of_mark(const std::string_view (&marks)[N], const Folded& text, std::size_t at) {
  const auto* const found =
      std::find_if(std::begin(marks), std::end(marks), [&](std::string_view m) { return text.has(m, at); });
  return found == std::end(marks) ? 0 : found->size();
}

template <std::size_t N>
bool any_begins_with(const std::string_view (&marks)[N], std::string_view rest) {
  return std::any_of(std::begin(marks), std::end(marks),
                     [&](std::string_view mark) { return mark.starts_with(rest); });
}

}  // namespace

const CallMarks* call_at(const Folded& text, std::size_t at) {
  const auto* const found = std::find_if(std::begin(kCalls), std::end(kCalls), [&](const CallMarks& m) {
    return text.has(m.open, at) && (!m.only_before_json || begins_json(text.written, at + m.open.size()));
  });
  return found == std::end(kCalls) ? nullptr : found;
}

std::size_t end_mark_at(const Folded& text, std::size_t at) {
  return size_of_mark(kEnds, text, at);
}

std::size_t around_mark_at(const Folded& text, std::size_t at) {
  return size_of_mark(kAround, text, at);
}

std::size_t begin_mark_at_head(std::string_view text) {
  const auto* const found = std::find_if(std::begin(kBegins), std::end(kBegins),
                                         [&](std::string_view mark) { return text.starts_with(mark); });
  return found == std::end(kBegins) ? 0 : found->size();
}

bool may_become_mark(const Folded& text, std::size_t at) {
  const auto rest = std::string_view(text.lower).substr(at);
  // Where JSON must follow, the mark itself may be whole already.
  return any_begins_with(kEnds, rest) || any_begins_with(kAround, rest) || any_begins_with(kBegins, rest) ||
         std::any_of(std::begin(kCalls), std::end(kCalls), [&](const CallMarks& m) {
           return m.open.starts_with(rest) ||
                  (m.only_before_json && rest.starts_with(m.open) &&
                   rest.find_first_not_of(" \t\r\n", m.open.size()) == std::string_view::npos);
         });
}

}  // namespace llm
