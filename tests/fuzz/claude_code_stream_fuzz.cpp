#include <cmath>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "dispatch/adapters/control_protocol.h"
#include "dispatch/task/stored_result.h"
#include "dispatch/task/tool_detail.h"
#include "dispatch/task/transcript.h"
#include "tests/fuzz/targets.h"

namespace fuzz {
namespace {

constexpr const char* kFolder = "/home/someone/projects/todo";

void check_line(const std::optional<std::string>& line) {
  require(line && line->find('\n') == line->size() - 1, "an answer is one line");
  const auto json = base::parse_json(*line);
  require(json && json->is_object(), "an answer is a JSON object");
}

void check_request(const dispatch::Request& request) {
  require(request.hash.size() == 64, "a request has a hash");
  require(base::is_utf8(request.detail) && base::is_utf8(request.scope), "a request is UTF-8");
  if (request.kind == dispatch::Request::Kind::permission) {
    require(base::strip_controls(request.detail) == request.detail &&
                base::strip_controls(request.scope) == request.scope,
            "what is to be allowed hides nothing");
    require(!request.detail.empty(), "what is to be allowed is shown");
  }
}

/// What is to be answered: every second request at once, those left open at the end.
class Person {
 public:
  explicit Person(dispatch::ControlProtocol& protocol) : protocol_(protocol) {}

  void see(std::string_view line) {
    if (const auto withdrawn = protocol_.withdrawn(line)) {
      require(open_.erase(*withdrawn) == 1, "only what is open is taken back");
    }
    if (const auto request = protocol_.take(line)) {
      check_request(*request);
      open_[request->id] = *request;
      if (++seen_ % 2 == 0) {
        answer(request->id);
      }
    }
    require(protocol_.waits_for() == open_.size(), "what is open is known");
  }

  void answer_all() {
    while (!open_.empty()) {
      answer(std::string(open_.begin()->first));
    }
    require(!protocol_.waits(), "nothing is open at the end");
  }

 private:
  void answer(const std::string& id) {
    const auto request = open_.extract(id).mapped();
    dispatch::Reply reply{id, "another hash", dispatch::Reply::Verdict::allow, {}, {}};
    require(!protocol_.answer(reply), "a reply to something else is not passed on");
    reply.hash = request.hash;
    constexpr dispatch::Reply::Verdict kVerdicts[] = {dispatch::Reply::Verdict::allow,
                                                      dispatch::Reply::Verdict::allow_for_task,
                                                      dispatch::Reply::Verdict::deny};
    reply.verdict = kVerdicts[++answers_ % 3];
    for (const auto& question : request.questions) {
      reply.answers[question.text] = "yes";
    }
    check_line(protocol_.answer(reply));
    require(!protocol_.answer(reply), "a request is answered once");
  }

  dispatch::ControlProtocol& protocol_;
  std::map<std::string, dispatch::Request> open_;
  int seen_ = 0;
  int answers_ = 0;
};

std::string checked(const dispatch::Report& report) {
  require(report.turns >= 0 && report.duration.count() >= 0, "turns and time are not negative");
  const auto& tokens = report.tokens;
  require(tokens.input >= 0 && tokens.cache_read >= 0 && tokens.cache_write >= 0 && tokens.output >= 0,
          "tokens are not negative");
  require(base::is_utf8(report.text) && base::is_utf8(report.problem), "a report is UTF-8");
  require(
      (report.outcome == dispatch::Outcome::success) == report.problem.empty() || report.raw_result.empty(),
      "only a success has no problem");
  return fmt::format("{} {} {} {} {} {}", to_string(report.outcome), report.text, report.problem,
                     report.session_id, report.turns, report.denials.size());
}

std::string read(std::string_view input) {
  std::string all;
  dispatch::Transcript transcript(kFolder, {}, [&](const dispatch::Event& event) {
    require(base::is_utf8(event.text) && base::is_utf8(event.tool), "an event is UTF-8");
    require(event.kind != dispatch::Event::Kind::tool_used || event.text.size() <= 120, "a detail is short");
    require(std::isfinite(event.usd_so_far) && event.usd_so_far >= 0, "the cost is an amount");
    all += fmt::format("{} {} {}\n", static_cast<int>(event.kind), event.tool, event.text);
  });
  dispatch::ControlProtocol protocol(kFolder);
  Person person(protocol);
  while (!input.empty()) {
    const auto line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    transcript.take(line);
    person.see(line);
    checked(dispatch::report_of_result(line, kFolder));
    require(dispatch::tool_detail("Bash", line, kFolder).size() <= 120, "a detail is short");
  }
  person.answer_all();
  require(transcript.has_result() == (transcript.results() > 0), "results are counted");
  return all + checked(transcript.report());
}

}  // namespace

void claude_code_stream(std::string_view input) {
  require(read(input) == read(input), "a stream means the same every time");
}

}  // namespace fuzz
