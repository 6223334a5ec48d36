#include "bot/reporting/asked_secretary.h"

#include "base/error.h"
#include "base/id.h"
#include "bot/runtime/secretary_model.h"
#include "dispatch/specialists.h"
#include "router/conversation_window.h"
#include "router/secretary_tools.h"
#include "store/people.h"

namespace bot::reporting {
namespace {

constexpr const char* kSection = "route";
constexpr std::size_t kWindowBytes = 64'000;

std::unique_ptr<llm::ChatModel> model_of(const runtime::SecretarySettings& settings) {
  if (settings.demo) {
    throw base::ConfigError(
        "--model: only the scripted demo model is configured; set ANTHROPIC_API_KEY or a provider in [secretary]");
  }
  return runtime::make_secretary_model(settings);
}

router::Secretary::Options options_of(const runtime::Settings& settings) {
  router::Secretary::Options options{settings.secretary.guide, settings.secretary.timezone};
  const auto& usual = settings.dispatch.specialist;
  options.specialists.push_back({usual, {}});
  for (const auto& name : dispatch::specialist_names(settings.specialists)) {
    if (name != usual && settings.specialists.has(name)) {
      options.specialists.push_back({name, {}});
    }
  }
  return options;
}

std::filesystem::path new_folder() {
  return std::filesystem::temp_directory_path() / ("frontdesk-route-" + base::random_hex(8));
}

}  // namespace

AskedSecretary::AskedSecretary(const runtime::Settings& settings)
    : timezone_(settings.secretary.timezone),
      folder_(new_folder()),
      db_(folder_ / "empty.db"),
      model_(model_of(settings.secretary)),
      secretary_(*model_, clock_, options_of(settings)),
      conversation_(store::Conversations(db_).open(kSection, kSection, clock_.now())),
      person_(store::People(db_).remember(kSection, "person", {}, clock_.now()).id) {}

AskedSecretary::~AskedSecretary() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

router::SecretarySignal AskedSecretary::ask(const std::vector<router::LabelledTurn::Said>& thread,
                                            const std::string& text,
                                            const std::function<void(const llm::Usage&)>& on_usage) {
  std::vector<store::Message> messages;
  const auto add = [&](bool by_user, const std::string& said) {
    store::Message message;
    message.author = by_user ? store::Author::user : store::Author::assistant;
    message.person = by_user ? std::optional(person_) : std::nullopt;
    message.text = said;
    messages.push_back(std::move(message));
  };
  for (const auto& said : thread) {
    add(said.by_user, said.text);
  }
  add(true, text);
  store::People people(db_);
  router::SecretaryTools tools(db_, clock_,
                               {conversation_, person_, timezone_, [](const store::DispatchRecord&) {
                                  return std::optional<std::string>("Nothing runs here.");
                                }});
  const auto turn = secretary_.propose(router::conversation_window(messages, people, kWindowBytes), tools,
                                       true, on_usage, {});
  return {turn.proposal ? std::optional(turn.proposal->confidence) : std::nullopt, turn.logprob};
}

}  // namespace bot::reporting
