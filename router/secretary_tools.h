#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "llm/chat_model.h"
#include "router/tool_source.h"
#include "store/database.h"
#include "store/dispatch_log.h"
#include "store/projects.h"

namespace router {

/// The tools of the secretary model: those about projects, which see the projects of one chat alone, and
/// those of more sources. Thread rule: that of the Database.
class SecretaryTools {
 public:
  /// Who asks, and where. `cancel` stops a dispatch that runs or waits; it returns a sentence where it does
  /// not, because that person may not.
  struct Scope {
    store::Conversation conversation;
    store::PersonId person;
    std::string timezone;  ///< IANA name of the zone that the person goes by
    std::function<std::optional<std::string>(const store::DispatchRecord&)> cancel;
  };
  using Sources = std::vector<std::unique_ptr<ToolSource>>;
  SecretaryTools(store::Database& db, const base::Clock& clock, Scope scope, Sources sources = {});

  /// The schemas of the tools about projects, with or without `dispatch`, which is not carried out here.
  /// Where there are several `specialists`, it can name one.
  static std::vector<llm::ToolSpec> project_specs(bool with_dispatch,
                                                  const std::vector<std::string>& specialists);
  /// These and those of the sources.
  std::vector<llm::ToolSpec> specs(bool with_dispatch, const std::vector<std::string>& specialists);

  /// Carries out a call of any tool but `dispatch`. A call that makes no sense is answered with an error for
  /// the model. Throws base::Stopped.
  llm::ToolResult call(const llm::ToolCall& call, const std::stop_token& stop);

  /// Whether words that neither the person nor the program wrote came with a result or the material.
  bool brought_foreign_text() const { return brought_foreign_text_; }

  /// Whether the person is asked about a call first: what the model says until then cannot tell what came
  /// of it.
  bool asks_person() const;
  /// Inside the transaction that ends the turn, before carry_out(): the message with what the model said.
  void answered_with(store::MessageId message);

  /// Inside the transaction that ends the turn: writes what the calls ordered.
  void carry_out();

  /// What the model should know beforehand, as lines: the projects, and what the sources tell.
  std::string context();
  /// Reads now what of it is in the database, for the first time that it is asked for. Writes nothing and
  /// waits for nothing.
  void read_ahead() { ahead_ = stored_context(); }
  /// What the sources tell of what tools and servers said; empty where there is nothing.
  std::string material();

  /// The zone of whoever asks.
  const std::string& timezone() const { return scope_.timezone; }

  /// One line a project: name, description, state.
  std::string list(int limit);
  /// What is known of one project, as lines.
  std::string status(const store::Project& project);

 private:
  llm::ToolResult about_projects(const llm::ToolCall& call);
  llm::ToolResult with_project(const llm::ToolCall& call, const std::string& slug);
  std::string line(const store::Project& project);
  std::string stored_context();

  const base::Clock& clock_;
  Scope scope_;
  store::Projects projects_;
  store::DispatchLog log_;
  const Sources sources_;
  std::optional<std::string> ahead_;  ///< stored_context()
  bool brought_foreign_text_ = false;
  bool did_more_ = false;  ///< than to ask
};

}  // namespace router
