#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "llm/chat_model.h"
#include "store/database.h"
#include "store/dispatch_log.h"
#include "store/projects.h"

namespace router {

/// The tools of the secretary model. They see the projects of one chat alone.
/// Thread rule: that of the Database.
class SecretaryTools {
 public:
  /// Who asks, and where. `cancel` stops a dispatch that runs or waits; it returns a sentence where it does
  /// not, because that person may not.
  struct Scope {
    store::Conversation conversation;
    store::PersonId person;
    std::string timezone;
    std::function<std::optional<std::string>(const store::DispatchRecord&)> cancel;
  };
  SecretaryTools(store::Database& db, const base::Clock& clock, Scope scope);

  /// The schemas, with or without `dispatch`, which is not carried out here. Where there are several
  /// `specialists`, it can name one.
  static std::vector<llm::ToolSpec> specs(bool with_dispatch, const std::vector<std::string>& specialists);

  /// Carries out a call of any tool but `dispatch`. A call that makes no sense is answered with an error for
  /// the model.
  llm::ToolResult call(const llm::ToolCall& call);

  /// One line a project: name, description, state. For the model's context.
  std::string list(int limit);
  /// What is known of one project, as lines.
  std::string status(const store::Project& project);

 private:
  llm::ToolResult with_project(const llm::ToolCall& call, const std::string& slug);
  std::string line(const store::Project& project);

  const base::Clock& clock_;
  Scope scope_;
  store::Projects projects_;
  store::DispatchLog log_;
};

}  // namespace router
