#include "tests/fuzz/targets.h"

#include <algorithm>

namespace fuzz {

// A new target is a file <name>_fuzz.cpp, its declaration in targets.h, a row here, a test case in
// corpus_test.cpp and a folder of seeds. For a chat platform the file is short: see webhook_body_fuzz.cpp,
// which makes the platform of a section, signs the body as the service would, and leaves the rest to
// check_receive() in chat_platform_check.h.
const std::vector<Target>& targets() {
  static const std::vector<Target> kTargets = {
      {"anthropic_stream", anthropic_stream},
      {"chat_markup", chat_markup},
      {"claude_code_stream", claude_code_stream},
      {"command", command},
      {"config_file", config_file},
      {"discord_interaction", discord_interaction},
      {"http_fields", http_fields},
      {"http_request", http_request},
      {"json", json},
      {"markdown", markdown},
      {"mattermost_webhook", mattermost_webhook},
      {"openai_stream", openai_stream},
      {"picture", picture},
      {"selector", selector},
      {"server_sent_events", server_sent_events},
      {"slack_events", slack_events},
      {"slack_form", slack_form},
      {"telegram_update", telegram_update},
      {"text", text},
      {"webhook_body", webhook_body},
  };
  return kTargets;
}

const Target* find_target(std::string_view name) {
  const auto& all = targets();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Target& target) { return target.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace fuzz
