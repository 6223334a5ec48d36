#include "bot/demo/conversation.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace bot::demo {
namespace {

/// The text without what stands between <system-reminder> and </system-reminder>.
std::string without_reminders(std::string_view text) {
  constexpr std::string_view kOpen = "<system-reminder>";
  constexpr std::string_view kClose = "</system-reminder>";
  std::string kept;
  while (true) {
    const auto open = text.find(kOpen);
    kept.append(text.substr(0, open));
    if (open == std::string_view::npos) {
      break;
    }
    const auto close = text.find(kClose, open);
    if (close == std::string_view::npos) {
      break;
    }
    text.remove_prefix(close + kClose.size());
  }
  return std::string(base::trim(kept));
}

/// The texts of a content that is a string or an array of blocks, each ended by a newline.
std::string all_texts(const nlohmann::json& content) {
  if (content.is_string()) {
    return content.get<std::string>() + "\n";
  }
  std::string joined;
  if (content.is_array()) {
    for (const auto& block : content) {
      if (const auto text = base::json_string(block, "text")) {
        joined.append(*text).append("\n");
      }
    }
  }
  return joined;
}

/// Claude Code names its folder in a line such as " - Primary working directory: /path".
std::string working_directory_in(std::string_view text) {
  constexpr std::string_view kLabel = "orking directory: ";
  const auto at = text.find(kLabel);
  if (at == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(at + kLabel.size());
  const auto path = base::trim(text.substr(0, text.find('\n')));
  return path.starts_with('/') ? std::string(path) : std::string();
}

class Reader {
 public:
  explicit Reader(Conversation& conversation) : conversation_(conversation) {}

  void read_system(const nlohmann::json& system) {
    const auto text = all_texts(system);
    note_directory(text);
    conversation_.characters += text.size();
    if (system.is_array() && !system.empty()) {
      conversation_.context = base::json_string(system.back(), "text").value_or("");
    } else {
      conversation_.context = text;
    }
  }

  /// What is wrong with the message, or "".
  std::string read_message(const nlohmann::json& message) {
    const auto role = base::json_string(message, "role");
    const auto* content = base::json_member(message, "content");
    if (!role || (*role != "user" && *role != "assistant" && *role != "system")) {
      return "role: Input should be 'user', 'assistant' or 'system'";
    }
    if (content == nullptr || !(content->is_string() || content->is_array())) {
      return "content: Input should be a string or a list";
    }
    if (*role == "user" || *role == "system") {
      note_directory(all_texts(*content));
    }
    if (*role == "system") {
      conversation_.characters += all_texts(*content).size();
      return {};
    }
    if (content->is_string()) {
      add_text(*role, content->get<std::string>());
      return {};
    }
    for (const auto& block : *content) {
      const auto type = base::json_string(block, "type");
      if (!type) {
        return "content: every block needs a type";
      }
      if (*type == "text") {
        add_text(*role, base::json_string(block, "text").value_or(""));
      } else if (*type == "tool_use") {
        add_call(block);
      } else if (*type == "tool_result") {
        add_result(block);
      }
    }
    return {};
  }

 private:
  void note_directory(std::string_view text) {
    if (conversation_.working_directory.empty()) {
      conversation_.working_directory = working_directory_in(text);
    }
  }

  void add_text(std::string_view role, const std::string& text) {
    conversation_.characters += text.size();
    Item item;
    item.kind = role == "user" ? Item::Kind::user_text : Item::Kind::assistant_text;
    item.text = role == "user" ? without_reminders(text) : text;
    // Beside the person's words stands what the program tells of tools (router/secretary.cpp).
    if (!item.text.empty() && !item.text.starts_with("[Request interrupted") &&
        !item.text.starts_with("(From the program, not from a person. What tools")) {
      conversation_.items.push_back(std::move(item));
    }
  }

  void add_call(const nlohmann::json& block) {
    Item item;
    item.kind = Item::Kind::tool_call;
    item.id = base::json_string(block, "id").value_or("");
    item.tool = base::json_string(block, "name").value_or("");
    const auto* input = base::json_member(block, "input");
    if (input != nullptr && input->is_object()) {
      for (const auto& [name, value] : input->items()) {
        if (value.is_string()) {
          item.arguments[name] = value.get<std::string>();
          conversation_.characters += item.arguments[name].size();
        }
      }
    }
    tool_of_call_[item.id] = item.tool;
    conversation_.items.push_back(std::move(item));
  }

  void add_result(const nlohmann::json& block) {
    Item item;
    item.kind = Item::Kind::tool_result;
    item.id = base::json_string(block, "tool_use_id").value_or("");
    item.tool = tool_of_call_[item.id];
    item.is_error = base::json_bool(block, "is_error").value_or(false);
    if (const auto* content = base::json_member(block, "content")) {
      item.text = all_texts(*content);
    }
    conversation_.characters += item.text.size();
    conversation_.items.push_back(std::move(item));
  }

  Conversation& conversation_;
  std::map<std::string, std::string> tool_of_call_;
};

}  // namespace

bool Conversation::offers(std::string_view tool) const {
  return std::find(tools.begin(), tools.end(), tool) != tools.end();
}

std::string Conversation::last_user_text() const {
  const auto last = std::find_if(items.rbegin(), items.rend(),
                                 [](const Item& item) { return item.kind == Item::Kind::user_text; });
  return last == items.rend() ? std::string() : last->text;
}

std::variant<Conversation, Malformed> read_conversation(std::string_view body) {
  const auto request = base::parse_json(body);
  if (!request || !request->is_object()) {
    return Malformed{"The request body is not valid JSON"};
  }
  Conversation conversation;
  const auto model = base::json_string(*request, "model");
  if (!model || model->empty()) {
    return Malformed{"model: Field required"};
  }
  conversation.model = *model;
  conversation.stream = base::json_bool(*request, "stream").value_or(false);
  if (const auto* output = base::json_member(*request, "output_config")) {
    conversation.wants_json = base::json_member(*output, "format") != nullptr;
  }
  const auto* messages = base::json_member(*request, "messages");
  if (messages == nullptr || !messages->is_array()) {
    return Malformed{"messages: Field required"};
  }
  if (messages->empty()) {
    return Malformed{"messages: at least one message is required"};
  }
  Reader reader(conversation);
  if (const auto* system = base::json_member(*request, "system")) {
    reader.read_system(*system);
  }
  for (std::size_t i = 0; i < messages->size(); ++i) {
    if (const auto wrong = reader.read_message((*messages)[i]); !wrong.empty()) {
      return Malformed{"messages." + std::to_string(i) + "." + wrong};
    }
  }
  if (const auto* tools = base::json_member(*request, "tools"); tools != nullptr && tools->is_array()) {
    for (const auto& tool : *tools) {
      conversation.tools.push_back(base::json_string(tool, "name").value_or(""));
    }
    conversation.characters += base::dump_json(*tools).size();
  }
  return conversation;
}

}  // namespace bot::demo
