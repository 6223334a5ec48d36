#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "bot/runtime/services.h"
#include "bot/tools/servers.h"
#include "router/tool_source.h"
#include "store/conversations.h"
#include "store/made_calls.h"
#include "store/people.h"
#include "store/tool_calls.h"
#include "store/tool_looks.h"

namespace bot::tools {

/// Whether `people = ["role:admin"]` means that person in that section: an admin of it, or the only person of
/// the page, who needs nobody's leave.
bool counts_as_admin(const runtime::Services& services, store::Database& db, const store::Person& person,
                     const std::string& section);

/// Whether a turn of that person in that chat has the tools of the server, as the policy is now. `is_admin`:
/// in its section.
bool is_offered_to(const runtime::Policy& policy, const std::string& server, const store::Person& person,
                   bool is_admin, const store::Conversation& conversation);

/// The tools of MCP servers in one turn. Only those that `allow` or `ask` names are there at all, and of
/// these none that looks different from when its server was first seen, or was not there then. Thread rule:
/// that of the Database.
class TurnTools final : public router::ToolSource {
 public:
  /// All must outlive it.
  TurnTools(runtime::Services& services, store::Database& db, const store::Conversation& conversation,
            const store::Person& person, const store::Message& message);
  ~TurnTools() override;

  std::vector<llm::ToolSpec> specs() override;
  std::optional<Result> call(const llm::ToolCall& call, std::stop_token stop) override;
  std::string context() override;
  bool context_may_wait() const override { return true; }  // for servers that are just starting
  std::string material() override;
  bool told_foreign_text() const override { return !read_.empty(); }
  bool asks() const override { return !pending_.empty(); }
  void answered_with(store::MessageId message) override { said_ = message; }
  void carry_out() override;

 private:
  struct OnOffer {
    Server* server = nullptr;
    const Offer* offer = nullptr;          ///< one of `loaded_`
    const llm::mcp::Tool* tool = nullptr;  ///< of the offer
    const OfferedTool* on = nullptr;
    /// Whether it looks as it did when it was first allowed; nothing where that was not asked yet.
    std::optional<bool> is_as_accepted = {};
  };
  struct Pending {
    store::ToolCallRecord call;
    std::string read;
    int round;  ///< in which the model called it
  };

  /// What the servers have on offer now. The first time it waits for those that are just being started, if
  /// the words may need a tool: nobody's "hello" waits for a server.
  void load();
  bool may_need_tools();
  /// Whether one of them was never asked before, and has not answered yet.
  bool is_any_starting() const;
  /// Waits for those, once in a turn and not long; false where there was nothing to wait for.
  bool await_servers(const std::stop_token& stop);
  /// Whether a tool of that name would be one of a server that has not been asked yet.
  bool is_of_unknown_server(const std::string& name) const;
  void add_tools_of(Server& server, const Offer& offer);
  /// Whether the tool looks as it did when it was first allowed; else it is noted for material().
  bool is_as_accepted(OnOffer& tool);
  /// A server that is seen for the first time is what the operator means. Of another one what is not as it
  /// was accepted is kept for the operator: a server may show it to a running program alone.
  void compare(const std::string& server, const Offer& offer);
  /// How well each of `all_` fits.
  std::vector<float> scores_for(const std::string& words) const;
  /// Fills `chosen_` with what fits the words, as far as there is room.
  void choose(const std::string& words);
  /// What was called in the last turns, of servers that this turn has.
  std::vector<store::ToolCallRecord> recent_calls();
  /// The same for material().
  std::string told_calls();
  /// Whether the person does not know that the same was done by an earlier turn, or nobody knows whether it
  /// was.
  bool may_be_done(const OnOffer& tool, const llm::ToolCall& call);
  Result find(const llm::ToolCall& call);
  Result do_now(const OnOffer& tool, const llm::ToolCall& call, const std::stop_token& stop);
  Result ask(const OnOffer& tool, const llm::ToolCall& call, const std::stop_token& stop);
  store::ToolCallRecord record_of(const OnOffer& tool, const llm::ToolCall& call) const;
  /// What the model is told where the person is asked about as many calls as they can look at.
  std::optional<Result> too_many(const store::ToolCallRecord& wanted, const llm::ToolCall& call);
  /// What an earlier attempt of this turn, or the same call before, came to.
  std::optional<Result> done_before(const store::ToolCallRecord& wanted, const llm::ToolCall& call);

  runtime::Services& services_;
  store::Database& db_;
  const store::Conversation& conversation_;
  const store::Person& person_;
  const store::Message& message_;
  store::ToolCalls calls_;
  store::ToolLooks looks_;
  store::MadeCalls made_;
  std::set<std::int64_t> own_;  ///< calls that this attempt of the turn has made
  std::string words_;           ///< for what tools are chosen
  std::vector<Server*> servers_;
  std::vector<std::shared_ptr<const Offer>> loaded_;  ///< of each server; null where there is none yet
  std::vector<OnOffer> all_;
  std::vector<std::size_t> chosen_;  ///< in all_
  bool all_fit_ = true;
  std::map<std::string, std::set<std::string>> called_lately_;  ///< names of tools by server
  std::set<std::string> used_;                                  ///< names that the model has called
  std::set<std::string> changed_;                               ///< tools that are off, for material()
  std::set<std::string> read_;                                  ///< servers whose texts came into the turn
  std::set<std::string> read_here_;  ///< those of them of which it has read something, for what it asks
  bool is_begun_ = false;            ///< load() was called
  bool has_waited_ = false;          ///< for servers that start
  int round_ = 0;                    ///< how often the model was given the tools
  std::vector<Pending> pending_;
  std::optional<store::MessageId> said_;  ///< beside them, and of nothing else
  /// Hashes of calls that are too many to ask about, by the name of the call.
  std::map<std::string, std::set<std::string>> unasked_;
};

}  // namespace bot::tools
