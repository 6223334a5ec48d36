#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/chat/errors.h"
#include "bot/platforms/mattermost/api.h"
#include "bot/platforms/mattermost/click.h"
#include "bot/platforms/mattermost/events.h"
#include "tests/fuzz/chat_platform_check.h"
#include "tests/fuzz/targets.h"

namespace fuzz {
namespace {

using nlohmann::json;

constexpr const char* kToken = "token-in-the-tests";
constexpr const char* kHook = "hook-in-the-tests";

void check_call(const std::string& body, const std::string& content_type) {
  static const auto kPlatform =
      make_platform("mattermost",
                    "url = \"http://127.0.0.1:9\"\ntoken = \"env:FUZZ_MATTERMOST\"\n"
                    "webhook_token = \"env:FUZZ_MATTERMOST_HOOK\"\n",
                    {{"FUZZ_MATTERMOST", kToken}, {"FUZZ_MATTERMOST_HOOK", kHook}});
  base::HttpRequest request;
  request.method = "POST";
  request.body = body;
  request.headers.add("Content-Type", content_type);
  check_receive(*kPlatform, request);
}

/// Gives the call what proves where it is from.
std::string prove(json call) {
  if (!bot::mattermost::is_click(call)) {
    call["token"] = kHook;
  } else {
    auto& context = call["context"];
    const auto button = base::json_string(context, "button").value_or("");
    const auto chat = base::json_string(context, "chat").value_or("");
    const auto actions = bot::mattermost::actions_of({{.label = "x", .id = button}}, chat,
                                                     bot::mattermost::click_target("", "fuzz", kToken));
    context = actions.at("actions").at(0).at("integration").at("context");
  }
  return base::dump_json(call);
}

void check_post(const json& post) {
  const bot::mattermost::Reader reader{"bot", "frontdesk", {"desk"}};
  for (const bool direct : {true, false}) {
    try {
      const auto incoming = bot::mattermost::read_post(post, {std::string(26, 'c'), direct}, reader);
      if (incoming) {
        require(bot::mattermost::is_id(incoming->external_id) && bot::mattermost::is_id(incoming->user_id),
                "what is received has its ids");
        require(base::is_utf8(incoming->text) && base::strip_controls(incoming->text) == incoming->text,
                "what is received has no control characters");
        require(!incoming->text.empty() || !incoming->attachments.empty(),
                "what is received is a text or a file");
        const auto edit = bot::mattermost::edit_of(*incoming, post);
        require(!edit || edit->external_id != incoming->external_id, "an edit is an event of its own");
      }
    } catch (const bot::chat::Refused& refused) {
      require(refused.status == 400, "a post is refused for what is in it");
    }
  }
}

}  // namespace

/// A form where the first byte is "f", else JSON: a call and a post as well.
void mattermost_webhook(std::string_view input) {
  if (input.starts_with('f')) {
    check_call("token=" + std::string(kHook) + "&" + std::string(input.substr(1)),
               "application/x-www-form-urlencoded");
    return;
  }
  const auto parsed = base::parse_json(input);
  if (parsed && parsed->is_object()) {
    check_call(prove(*parsed), "application/json");
  } else {
    check_call(std::string(input), "application/json");
  }
  if (parsed) {
    check_post(*parsed);
  }
}

}  // namespace fuzz
