#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bot/runtime/settings.h"
#include "llm/chat_model.h"
#include "router/evaluation/labelled_turns.h"
#include "router/secretary.h"
#include "store/conversations.h"
#include "store/database.h"

namespace bot::reporting {

/// The configured secretary, asked about single turns: what it would propose. Nothing comes of it, since its
/// tools work on an empty database of their own, which goes with the object. The calls are paid for. Thread
/// rule: one thread.
class AskedSecretary {
 public:
  /// Throws base::ConfigError, also where only the scripted demo model is configured.
  explicit AskedSecretary(const runtime::Settings& settings);
  ~AskedSecretary();
  AskedSecretary(const AskedSecretary&) = delete;
  AskedSecretary& operator=(const AskedSecretary&) = delete;

  /// Its signal for a message that comes after that thread; `on_usage` is told what each call used. Throws
  /// llm::ModelError.
  router::SecretarySignal ask(
      const std::vector<router::LabelledTurn::Said>& thread, const std::string& text,
      const std::function<void(const llm::Usage&)>& on_usage = [](const llm::Usage&) {});

 private:
  const base::SystemClock clock_;
  const std::string timezone_;
  const std::filesystem::path folder_;
  store::Database db_;
  std::unique_ptr<llm::ChatModel> model_;
  router::Secretary secretary_;
  store::Conversation conversation_;
  store::PersonId person_;
};

}  // namespace bot::reporting
