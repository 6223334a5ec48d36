#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/http.h"
#include "tests/support/wait.h"

namespace support {

/// One turn of the scripted model: text, or a call of a tool, or both.
struct ModelTurn {
  std::string text;
  std::string tool;
  std::string input;  ///< of the tool, as JSON
  bool held = false;  ///< answered only after release()
  int input_tokens = 100;
  int output_tokens = 20;
  std::optional<std::chrono::milliseconds> in = {};  ///< the argument "at", from the time of the request
};

ModelTurn say(std::string text);
ModelTurn use(std::string tool, const nlohmann::json& input);
/// The secretary's call of `set_reminder` for so many seconds behind the time at which the model is asked.
ModelTurn remind(const std::string& text, std::chrono::milliseconds in, const std::string& does = "say");
/// Claude Code's calls of its tools Bash and Write.
ModelTurn bash(const std::string& command);
ModelTurn write_file(const std::string& path, const std::string& content);
/// The secretary's call of `dispatch`. Without a prompt the user's own words are the prompt.
ModelTurn propose(const std::string& confidence, const std::string& slug, const std::string& prompt = {},
                  const std::string& action = "run", const std::string& specialist = {});
/// A turn that waits for release() before it is answered.
ModelTurn hold(ModelTurn turn = {"It went on.", {}, {}, false, 100, 20});

/// The turn with that usage.
ModelTurn costing(int input_tokens, int output_tokens, ModelTurn turn);
/// Claude Code's call of its tool Agent, whose sub-agent is given that task.
ModelTurn delegate(const std::string& task, bool in_background = true);

struct ModelRequest {
  enum class From { secretary, specialist, summary };
  From from = From::summary;
  std::shared_ptr<const nlohmann::json> body;
  std::string raw;
  std::string key;        ///< x-api-key
  std::string user_text;  ///< of the last message of the user that is no result of a tool
  int turn = 0;           ///< how many turns of the model stand behind that message

  bool offers(const std::string& tool) const;
};

/// A scripted server of the Anthropic Messages API (streaming), for the secretary and for the real Claude
/// Code alike. It tells them apart by their tools: the secretary has "project_status", Claude Code has
/// "Write", a request for a summary has none. What it says is found by a word in the user's text; the first
/// rule that fits wins. Thread rule: any thread.
class ModelServer {
 public:
  ModelServer();
  ~ModelServer();

  std::string url() const;

  /// The secretary's turns for a text that holds `word`; without the tool "dispatch" its calls of that tool
  /// are left out and the first text stands. The default is "Answer to: " and the text.
  void secretary(const std::string& word, std::vector<ModelTurn> turns);
  /// Claude Code's turns for a task that holds `word`. The default is "Nothing to do."
  void specialist(const std::string& word, std::vector<ModelTurn> turns);
  void summary(const std::string& text);

  /// Every request from there gets this, until it is set to nothing.
  void fail(ModelRequest::From from, std::optional<base::HttpResponse> response);

  /// Lets all held turns go, now and from now on.
  void release();

  std::vector<ModelRequest> requests() const;
  std::vector<ModelRequest> requests(ModelRequest::From from) const;
  /// Whether that many requests came from there within the time.
  bool wait_for(ModelRequest::From from, std::size_t count,
                std::chrono::milliseconds patience = kPatience) const;
  /// Whether any request holds that text.
  bool saw(const std::string& text) const;

 private:
  struct Rule {
    std::string word;
    std::vector<ModelTurn> turns;
  };
  base::HttpResponse take(const base::HttpRequest& request);
  ModelTurn turn_for(const ModelRequest& request) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool released_ = false;
  std::vector<Rule> secretary_;
  std::vector<Rule> specialist_;
  std::string summary_ = "The specialist did as it was told.";
  std::optional<base::HttpResponse> failures_[3];
  std::vector<ModelRequest> requests_;
  std::unique_ptr<base::HttpServer> server_;
};

}  // namespace support
